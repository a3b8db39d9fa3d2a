import { defaultNetworkName, networkNamed, networkNames } from '@pomona/catalog';
import { Type } from '@pomona/schema';
import {
  CalibrateRequest,
  EvaluateRequest,
  JobView,
  LeaveOutOrder,
  NetworkView,
  Problem,
  TrainRequest,
  TuneOrder,
} from '@pomona/wire';
import type { JobQueue } from '../../use-cases/job-queue.ts';
import { actorOf } from './actor.ts';
import type { App } from './create-app.ts';

export interface JobsPorts {
  readonly queue: Pick<JobQueue, 'list' | 'find' | 'cancel'>;
  enqueueTraining(request: TrainRequest, actor: string): Promise<JobView>;
  enqueueCalibration(request: CalibrateRequest, actor: string): Promise<JobView>;
  enqueueEvaluation(request: EvaluateRequest, actor: string): Promise<JobView>;
  enqueueLeaveOut(order: LeaveOutOrder, actor: string): Promise<JobView>;
  enqueueTuning(order: TuneOrder, actor: string): Promise<JobView>;
}

const failures = { '4xx': Problem, '5xx': Problem };
const networks: NetworkView[] = networkNames.map((name) => ({
  ...{ name, summary: networkNamed(name)!.summary, isDefault: name === defaultNetworkName },
}));
const JobKey = Type.Object({ id: Type.Integer({ minimum: 1 }) });

export function addJobsRoutes(app: App, ports: JobsPorts): void {
  const { queue, enqueueTraining, enqueueCalibration, enqueueEvaluation, enqueueLeaveOut, enqueueTuning } =
    ports;
  app.get(
    '/v1/jobs',
    {
      config: { role: 'viewer' },
      schema: { summary: 'Trainings, newest first', response: { 200: Type.Array(JobView), ...failures } },
    },
    () => queue.list(),
  );
  app.get(
    '/v1/jobs/:id',
    {
      config: { role: 'viewer' },
      schema: { summary: 'One training', params: JobKey, response: { 200: JobView, ...failures } },
    },
    ({ params }) => queue.find(params.id),
  );
  app.get(
    '/v1/networks',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Networks of the catalog, of which a training takes one',
        response: { 200: Type.Array(NetworkView), ...failures },
      },
    },
    () => networks,
  );
  app.post(
    '/v1/jobs/train',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Train a dataset version and register the result',
        body: TrainRequest,
        response: { 202: JobView, ...failures },
      },
    },
    async (request, reply) => reply.code(202).send(await enqueueTraining(request.body, actorOf(request))),
  );
  app.post(
    '/v1/jobs/calibrate',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Fit the probabilities of a model to photographs, and register the result',
        body: CalibrateRequest,
        response: { 202: JobView, ...failures },
      },
    },
    async (request, reply) => reply.code(202).send(await enqueueCalibration(request.body, actorOf(request))),
  );
  app.post(
    '/v1/jobs/evaluate',
    {
      config: { role: 'operator' },
      schema: {
        summary: 'Judge a model on any dataset version; the result of the job is the report',
        body: EvaluateRequest,
        response: { 202: JobView, ...failures },
      },
    },
    async (request, reply) => reply.code(202).send(await enqueueEvaluation(request.body, actorOf(request))),
  );
  app.post(
    '/v1/jobs/leave-out',
    {
      config: { role: 'operator' },
      schema: {
        summary:
          'Train once without each session, variety or line, and judge on it; the result of the job is the report',
        body: LeaveOutOrder,
        response: { 202: JobView, ...failures },
      },
    },
    async (request, reply) => reply.code(202).send(await enqueueLeaveOut(request.body, actorOf(request))),
  );
  app.post(
    '/v1/jobs/tune',
    {
      config: { role: 'operator' },
      schema: {
        summary:
          'Try networks, sizes and settings within a budget, train the best in full and register it; the result of the job is what was tried, as it comes',
        body: TuneOrder,
        response: { 202: JobView, ...failures },
      },
    },
    async (request, reply) => reply.code(202).send(await enqueueTuning(request.body, actorOf(request))),
  );
  app.post(
    '/v1/jobs/:id/cancel',
    {
      config: { role: 'operator' },
      schema: { summary: 'Cancel a training', params: JobKey, response: { 200: JobView, ...failures } },
    },
    ({ params }) => queue.cancel(params.id),
  );
}
