import { JobView, Problem, RetrainRequest } from '@pomona/wire';
import { actorOf } from './actor.ts';
import type { App } from './create-app.ts';

export interface RetrainPorts {
  enqueueRetraining(request: RetrainRequest, actor: string): Promise<JobView>;
}

export function addRetrainRoutes(app: App, { enqueueRetraining }: RetrainPorts): void {
  app.post(
    '/v1/retrain',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Freeze the labelled fruit with a dataset version, train on it and register the result',
        body: RetrainRequest,
        response: { 202: JobView, '4xx': Problem, '5xx': Problem },
      },
    },
    async (request, reply) => reply.code(202).send(await enqueueRetraining(request.body, actorOf(request))),
  );
}
