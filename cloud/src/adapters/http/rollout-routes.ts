import { Type } from '@pomona/schema';
import {
  Problem,
  RolloutActionName,
  RolloutActionRequest,
  RolloutDetail,
  RolloutPreview,
  RolloutPreviewOf,
  RolloutRequest,
  RolloutView,
  StationQuery,
} from '@pomona/wire';
import { rolloutDetail, rolloutView } from '../../use-cases/rollout-view.ts';
import type { RecordedNote, Rollout, Rollouts } from '../../use-cases/rollouts.ts';
import { actorOf, callerOf } from './actor.ts';
import type { App } from './create-app.ts';
import { appError } from './problem.ts';

export interface RolloutRoutePorts {
  readonly rollouts: Pick<Rollouts, 'create' | 'act' | 'preview'>;
  readonly store: {
    list(): Promise<readonly Rollout[]>;
    find(id: number): Promise<Rollout | undefined>;
    notes(id: number): Promise<readonly RecordedNote[]>;
  };
  /** Has the rollouts looked at soon. */
  hurry(): void;
}

const failures = { '4xx': Problem, '5xx': Problem };
const Key = Type.Object({ id: Type.Integer({ minimum: 1 }) });
const ActionKey = Type.Object({ id: Type.Integer({ minimum: 1 }), action: RolloutActionName });

export function addRolloutRoutes(app: App, { rollouts, store, hurry }: RolloutRoutePorts): void {
  const detail = async (id: number) => {
    const rollout = await store.find(id);
    if (!rollout)
      throw appError('rollout-unknown', `there is no rollout ${id}`, 'See the list: pomona rollout list.');
    return rolloutDetail(rollout, await store.notes(id));
  };
  app.get(
    '/v1/rollouts',
    {
      config: { role: 'viewer' },
      schema: { summary: 'Rollouts, newest first', response: { 200: Type.Array(RolloutView), ...failures } },
    },
    async () => (await store.list()).map(rolloutView),
  );
  app.get(
    '/v1/rollouts/:id',
    {
      config: { role: 'viewer' },
      schema: { summary: 'One rollout in full', params: Key, response: { 200: RolloutDetail, ...failures } },
    },
    ({ params: { id } }) => detail(id),
  );
  app.post(
    '/v1/rollouts/preview',
    {
      config: { role: 'viewer' },
      schema: {
        summary:
          'The stations that a query selects now, and what would keep a release (NAME@VERSION) from them',
        querystring: RolloutPreviewOf,
        body: StationQuery,
        response: { 200: RolloutPreview, ...failures },
      },
    },
    ({ body, query: { release } }) => rollouts.preview(body, release),
  );
  app.post(
    '/v1/rollouts',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Brings a release to the stations that a query selects; a failed gate stops it',
        body: RolloutRequest,
        response: { 201: RolloutDetail, ...failures },
      },
    },
    async (request, reply) => {
      const { id } = await rollouts.create(request.body, callerOf(request));
      hurry();
      return reply.code(201).send(await detail(id));
    },
  );
  app.post(
    '/v1/rollouts/:id/:action',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Pauses, resumes, cancels or rolls back',
        params: ActionKey,
        body: RolloutActionRequest,
        response: { 200: RolloutDetail, ...failures },
      },
    },
    async (request) => {
      const { id, action } = request.params;
      await rollouts.act(id, action, actorOf(request), request.body.reason);
      hurry();
      return detail(id);
    },
  );
}
