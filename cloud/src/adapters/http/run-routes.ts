import { Type } from '@pomona/schema';
import {
  JobView,
  Problem,
  RunComparison,
  TrainingRunKind,
  TrainingRunSummary,
  TrainingRunView,
} from '@pomona/wire';
import { compareRuns } from '../../domain/compare-runs.ts';
import { listRuns, type ReadRunsPorts, readRun } from '../../use-cases/read-runs.ts';
import { actorOf } from './actor.ts';
import type { App } from './create-app.ts';

export interface RunPorts extends ReadRunsPorts {
  /** Error: `run-unknown`. */
  enqueueReproduction(run: number, actor: string): Promise<JobView>;
}

const failures = { '4xx': Problem, '5xx': Problem };
const viewer = { role: 'viewer' as const };
const Id = Type.Integer({ minimum: 1 });
const RunKey = Type.Object({ id: Id });

export function addRunRoutes(app: App, ports: RunPorts): void {
  app.get(
    '/v1/training-runs',
    {
      config: viewer,
      schema: {
        summary: 'Runs of the training program, newest first; also trials, and those that failed',
        querystring: Type.Object({ kind: Type.Optional(TrainingRunKind) }, { additionalProperties: false }),
        response: { 200: Type.Array(TrainingRunSummary), ...failures },
      },
    },
    ({ query }) => listRuns(ports, query.kind),
  );
  app.get(
    '/v1/training-runs/compare',
    {
      config: viewer,
      schema: {
        summary: 'Data, code, environment, parameters, figures and files of two runs side by side',
        querystring: Type.Object({ a: Id, b: Id }, { additionalProperties: false }),
        response: { 200: RunComparison, ...failures },
      },
    },
    async ({ query }) => compareRuns(await readRun(ports, query.a), await readRun(ports, query.b)),
  );
  app.get(
    '/v1/training-runs/:id',
    {
      config: viewer,
      schema: {
        summary: 'All that is kept of a run',
        params: RunKey,
        response: { 200: TrainingRunView, ...failures },
      },
    },
    ({ params }) => readRun(ports, params.id),
  );
  app.post(
    '/v1/training-runs/:id/reproduce',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Train again from the record of a run; the job says whether it came to the same digest',
        params: RunKey,
        response: { 202: JobView, ...failures },
      },
    },
    async (request, reply) =>
      reply.code(202).send(await ports.enqueueReproduction(request.params.id, actorOf(request))),
  );
}
