import { networkNamed, networkNames } from '@pomona/catalog';
import {
  AppError,
  type CalibrateRequest,
  type DatasetView,
  type JobView,
  type TrainRequest,
} from '@pomona/wire';
import { addJobsRoutes } from '../adapters/http/jobs-routes.ts';
import { localTraining } from '../adapters/local-training.ts';
import { type CalibrationRequest, calibrate } from '../use-cases/calibrate.ts';
import { type TrainAndRegisterRequest, trainAndRegister } from '../use-cases/train-and-register.ts';
import type { Feature, FeatureContext } from './feature.ts';

const network = 'sequential';

/** Trainings that are asked for over HTTP, done one at a time. */
export function startTraining(context: FeatureContext): Feature {
  const { jobs, stores, dataFolder, clock, logger } = context;
  const ports = localTraining(dataFolder, stores, clock, {
    onUnsuited: (error) =>
      logger.warn({ err: error }, 'removed the checkpoint of a training, which begins anew'),
  });
  jobs.handle('train', (request, run) =>
    // The queue keeps what `enqueueTraining` below put in. Who asks for a training again that was killed wants the rest of it.
    trainAndRegister(ports, { ...(request as unknown as TrainAndRegisterRequest), resume: true }, run),
  );
  jobs.handle('calibrate', (request, run) => calibrate(ports, request as unknown as CalibrationRequest, run));

  const enqueueTraining = async (request: TrainRequest, actor: string): Promise<JobView> => {
    const { name, digest } = await datasetOf(context, request.dataset);
    const chosen = request.network ?? network;
    if (!networkNamed(chosen)) {
      throw new AppError('bad-request', `there is no network ${chosen}`, {
        hint: `Choose one of ${networkNames.join(', ')}.`,
      });
    }
    const training = { ...request, dataset: { name, digest }, network: chosen, seed: request.seed ?? 1 };
    return jobs.enqueue({ kind: 'train', actor, request: training });
  };
  const enqueueCalibration = async (request: CalibrateRequest, actor: string): Promise<JobView> => {
    const { name, version } = await stores.models.resolve(request.model);
    const { name: dataset, digest } = await datasetOf(context, request.dataset);
    const job: CalibrationRequest = { model: { name, version }, dataset: { name: dataset, digest } };
    return jobs.enqueue({ kind: 'calibrate', actor, request: job });
  };
  return { addRoutes: (app) => addJobsRoutes(app, { queue: jobs, enqueueTraining, enqueueCalibration }) };
}

async function datasetOf({ stores }: FeatureContext, reference: string): Promise<DatasetView> {
  const [name = '', digest = ''] = reference.split('@');
  const view = await stores.datasets.find(name, digest);
  if (view) return view;
  throw new AppError('dataset-unknown', `there is no dataset ${reference}`, {
    hint: 'See the list: pomona dataset list.',
  });
}
