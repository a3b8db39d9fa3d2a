import { Type } from '@pomona/schema';
import { DeclineRequest, JobView, Problem, RetrainProposal, RetrainRequest } from '@pomona/wire';
import type { RetrainProposals } from '../../use-cases/retrain-proposals.ts';
import { actorOf } from './actor.ts';
import type { App } from './create-app.ts';

export interface RetrainPorts {
  enqueueRetraining(request: RetrainRequest, actor: string): Promise<JobView>;
  readonly proposals: Pick<RetrainProposals, 'list' | 'approve' | 'decline'>;
}

const failures = { '4xx': Problem, '5xx': Problem };
const operator = { role: 'operator' as const };
const params = Type.Object({ id: Type.Integer({ minimum: 1 }) });

export function addRetrainRoutes(app: App, { enqueueRetraining, proposals }: RetrainPorts): void {
  app.post(
    '/v1/retrain',
    {
      config: operator,
      schema: {
        summary:
          'Freeze the labelled fruit with a dataset version, train on it, register the result and roll it out',
        body: RetrainRequest,
        response: { 202: JobView, ...failures },
      },
    },
    async (request, reply) => reply.code(202).send(await enqueueRetraining(request.body, actorOf(request))),
  );
  app.get(
    '/v1/retrain/proposals',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Retrainings that were proposed after an alert, newest first',
        response: { 200: Type.Array(RetrainProposal), ...failures },
      },
    },
    () => proposals.list(),
  );
  app.post(
    '/v1/retrain/proposals/:id/approve',
    {
      config: operator,
      schema: {
        summary: 'Retrain, and roll the result out to the stations that run the old version',
        params,
        response: { 200: RetrainProposal, ...failures },
      },
    },
    (request) => proposals.approve(request.params.id, actorOf(request)),
  );
  app.post(
    '/v1/retrain/proposals/:id/decline',
    {
      config: operator,
      schema: {
        summary: 'Not now, and why',
        params,
        body: DeclineRequest,
        response: { 200: RetrainProposal, ...failures },
      },
    },
    (request) => proposals.decline(request.params.id, actorOf(request), request.body.reason),
  );
}
