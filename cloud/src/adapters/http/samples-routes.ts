import { LabelEntry, LabelRequest, Problem, SampleList, SampleQuery, SampleView } from '@pomona/wire';
import { Type } from 'typebox';
import { actorOf } from './actor.ts';
import type { App } from './create-app.ts';
import { appError } from './problem.ts';

export interface SamplesPorts {
  readonly store: {
    list(query: SampleQuery): Promise<SampleView[]>;
    counts(query: SampleQuery): Promise<{ labelled: number; unlabelled: number }>;
    find(id: number): Promise<SampleView | undefined>;
    label(id: number, label: string | null, actor: string, atMs: number): Promise<void>;
    history(id: number): Promise<LabelEntry[]>;
  };
  nowMs(): number;
  /** PNG. */
  draw(sample: SampleView): Promise<Buffer>;
}

const failures = { '4xx': Problem, '5xx': Problem };
const params = Type.Object({ id: Type.Integer({ minimum: 1 }) });
const read = { role: 'viewer' as const };

export function addSamplesRoutes(app: App, { store, nowMs, draw }: SamplesPorts): void {
  const find = async (id: number): Promise<SampleView> =>
    (await store.find(id)) ?? missing(`there is no sample ${id}`);
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
    async (request) => {
      const { id } = request.params;
      const { label } = request.body;
      const { labels } = await find(id);
      if (label !== null && !labels.includes(label))
        throw appError(
          'label-unknown',
          `${label} is none of ${labels.join(', ')}`,
          'Use one of the model’s.',
        );
      await store.label(id, label, actorOf(request), nowMs());
      return find(id);
    },
  );
}

function missing(message: string): never {
  throw appError('sample-unknown', message, 'See the list: /v1/samples.');
}
