import { Type } from '@pomona/schema';
import {
  DecisionRequest,
  LabelAgreement,
  LabelEntry,
  LabelRequest,
  OpinionRequest,
  Problem,
  SampleList,
  SampleQuery,
  SampleView,
} from '@pomona/wire';
import { labelAgreement, type TwoOpinions } from '../../domain/label-agreement.ts';
import { historySeenBy, seenBy } from '../../domain/label-blinding.ts';
import {
  decideLabel,
  foundSample,
  giveOpinion,
  type LabelPorts,
  labelSample,
} from '../../use-cases/label-sample.ts';
import { type QueuePorts, queueSamples } from '../../use-cases/queue-samples.ts';
import { actorOf, speakerOf } from './actor.ts';
import type { App } from './create-app.ts';
import { appError } from './problem.ts';

export interface SamplesPorts extends Pick<QueuePorts, 'alerts'> {
  readonly store: {
    list(query: SampleQuery, person: string): Promise<SampleView[]>;
    counts(query: SampleQuery): Promise<SampleList['counts']>;
    reviews(query: SampleQuery, person: string): Promise<SampleList['reviews']>;
    history(id: number): Promise<LabelEntry[]>;
    opinions(): Promise<TwoOpinions[]>;
  } & LabelPorts['store'] &
    QueuePorts['store'];
  readonly clock: LabelPorts['clock'];
  /** PNG. */
  draw(sample: SampleView): Promise<Buffer>;
  /** JPEG, no larger than a screen. */
  drawPhotograph(original: string): Promise<Buffer>;
}

const failures = { '4xx': Problem, '5xx': Problem };
const params = Type.Object({ id: Type.Integer({ minimum: 1 }) });
const read = { role: 'viewer' as const };

export function addSamplesRoutes(app: App, ports: SamplesPorts): void {
  addReadingRoutes(app, ports);
  addLabellingRoutes(app, ports);
}

function addReadingRoutes(app: App, { store, alerts, clock, draw, drawPhotograph }: SamplesPorts): void {
  const find = (id: number) => foundSample(store, id);
  const listed = (query: SampleQuery, person: string) => {
    if (query.order !== 'queue') return store.list(query, person);
    if ((query.state ?? 'unlabelled') === 'unlabelled') return queueSamples({ store, alerts, clock }, query);
    throw appError(
      'bad-request',
      `querystring: order=queue is of fruit without a label, and not of state=${query.state}`,
      'Leave out state, or take order=newest.',
    );
  };
  app.get(
    '/v1/samples',
    {
      config: read,
      schema: {
        summary: 'Fruit to label: what stations sent, and photographs that were imported',
        querystring: SampleQuery,
        response: { 200: SampleList, ...failures },
      },
    },
    async (request) => {
      const { query } = request;
      const person = actorOf(request);
      return {
        samples: (await listed(query, person)).map((sample) => seenBy(sample, person)),
        counts: await store.counts(query),
        reviews: await store.reviews(query, person),
      };
    },
  );
  app.get(
    '/v1/samples/agreement',
    {
      config: read,
      schema: {
        summary: 'How far those who label agree, where two looked at a fruit',
        response: { 200: LabelAgreement, ...failures },
      },
    },
    async () => labelAgreement(await store.opinions()),
  );
  app.get(
    '/v1/samples/:id',
    { config: read, schema: { summary: 'One sample', params, response: { 200: SampleView, ...failures } } },
    async (request) => seenBy(await find(request.params.id), actorOf(request)),
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
    '/v1/samples/:id/photograph.jpg',
    { config: read, schema: { summary: 'The photograph that was imported', params } },
    async ({ params: { id } }, reply) => {
      const { photograph } = await find(id);
      if (photograph === null)
        throw appError('not-found', `sample ${id} was not imported`, 'Its views are its image.png.');
      return reply
        .type('image/jpeg')
        .header('cache-control', 'private, max-age=31536000, immutable')
        .send(await drawPhotograph(photograph.original));
    },
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
    async (request) => {
      const sample = await find(request.params.id);
      return historySeenBy(await store.history(sample.id), sample, actorOf(request));
    },
  );
}

function addLabellingRoutes(app: App, { store, clock }: SamplesPorts): void {
  const config = { role: 'operator' as const };
  const response = { 200: SampleView, ...failures };
  app.put(
    '/v1/samples/:id/label',
    {
      config,
      schema: { summary: 'Say what grade it is, or take that back', params, body: LabelRequest, response },
    },
    async (request) => {
      const by = speakerOf(request);
      return seenBy(await labelSample({ store, clock }, request.params.id, request.body, by), by.name);
    },
  );
  app.put(
    '/v1/samples/:id/opinion',
    {
      config,
      schema: {
        summary: 'Say as the second person what grade it is, or take that back',
        params,
        body: OpinionRequest,
        response,
      },
    },
    async (request) => {
      const by = speakerOf(request);
      return seenBy(await giveOpinion({ store, clock }, request.params.id, request.body.label, by), by.name);
    },
  );
  app.put(
    '/v1/samples/:id/decision',
    {
      config,
      schema: {
        summary: 'Decide where two people differ, as a third or an admin',
        params,
        body: DecisionRequest,
        response,
      },
    },
    (request) => decideLabel({ store, clock }, request.params.id, request.body.label, speakerOf(request)),
  );
}
