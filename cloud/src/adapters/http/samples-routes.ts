import { Type } from '@pomona/schema';
import { LabelEntry, LabelRequest, Problem, SampleList, SampleQuery, SampleView } from '@pomona/wire';
import { foundSample, type LabelPorts, labelSample } from '../../use-cases/label-sample.ts';
import { actorOf } from './actor.ts';
import type { App } from './create-app.ts';

export interface SamplesPorts {
  readonly store: {
    list(query: SampleQuery): Promise<SampleView[]>;
    counts(query: SampleQuery): Promise<{ labelled: number; unlabelled: number }>;
    history(id: number): Promise<LabelEntry[]>;
  } & LabelPorts['store'];
  readonly clock: LabelPorts['clock'];
  /** PNG. */
  draw(sample: SampleView): Promise<Buffer>;
}

const failures = { '4xx': Problem, '5xx': Problem };
const params = Type.Object({ id: Type.Integer({ minimum: 1 }) });
const read = { role: 'viewer' as const };

export function addSamplesRoutes(app: App, { store, clock, draw }: SamplesPorts): void {
  const find = (id: number) => foundSample(store, id);
  app.get(
    '/v1/samples',
    {
      config: read,
      schema: {
        summary: 'Fruit that stations sent for labelling',
        querystring: SampleQuery,
        response: { 200: SampleList, ...failures },
      },
    },
    async ({ query }) => ({ samples: await store.list(query), counts: await store.counts(query) }),
  );
  app.get(
    '/v1/samples/:id',
    { config: read, schema: { summary: 'One sample', params, response: { 200: SampleView, ...failures } } },
    ({ params: { id } }) => find(id),
  );
  app.get(
    '/v1/samples/:id/image.png',
    { config: read, schema: { summary: 'Its views beside each other', params } },
    async ({ params: { id } }, reply) =>
      reply
        .type('image/png')
        .header('cache-control', 'private, max-age=31536000, immutable')
        .send(await draw(await find(id))),
  );
  app.get(
    '/v1/samples/:id/labels',
    {
      config: read,
      schema: {
        summary: 'Who said what of it, oldest first',
        params,
        response: { 200: Type.Array(LabelEntry), ...failures },
      },
    },
    async ({ params: { id } }) => store.history((await find(id)).id),
  );
  app.put(
    '/v1/samples/:id/label',
    {
      config: { role: 'operator' as const },
      schema: {
        summary: 'Say what grade it is, or take that back',
        params,
        body: LabelRequest,
        response: { 200: SampleView, ...failures },
      },
    },
    (request) => labelSample({ store, clock }, request.params.id, request.body.label, actorOf(request)),
  );
}
