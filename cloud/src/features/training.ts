import { networkNamed, networkNames } from '@pomona/catalog';
import {
  AppError,
  type CalibrateRequest,
  type DatasetView,
  type EvaluateRequest,
  type JobView,
  type TrainRequest,
} from '@pomona/wire';
import { imagesIn } from '../adapters/dataset/read-images.ts';
import { addJobsRoutes } from '../adapters/http/jobs-routes.ts';
import { addRunRoutes } from '../adapters/http/run-routes.ts';
import { localTraining } from '../adapters/local-training.ts';
import { runFiles } from '../adapters/run-files.ts';
import { type CalibrationRequest, calibrate } from '../use-cases/calibrate.ts';
import { type EvaluateModelRequest, evaluateModel } from '../use-cases/evaluate-model.ts';
import { readRun } from '../use-cases/read-runs.ts';
import { reproduceRun } from '../use-cases/reproduce-run.ts';
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
  const judging = { models: stores.models, trainer: ports.trainer, readImages: imagesIn(dataFolder) };
  jobs.handle('evaluate', (request, run) =>
    evaluateModel(judging, request as unknown as EvaluateModelRequest, run),
  );
  const { models, trainingRuns } = stores;
  const reproducing = { models, trainingRuns, trainer: ports.trainer, files: runFiles(dataFolder) };
  jobs.handle('reproduce', (request, run) =>
    reproduceRun(reproducing, request as unknown as { readonly run: number }, run),
  );

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
  const enqueueEvaluation = async (
    { model, dataset, split = 'test' }: EvaluateRequest,
    actor: string,
  ): Promise<JobView> => {
    const { name, version } = await stores.models.resolve(model);
    const { name: of, digest } = await datasetOf(context, dataset);
    const job: EvaluateModelRequest = { model: { name, version }, dataset: { name: of, digest }, split };
    return jobs.enqueue({ kind: 'evaluate', actor, request: job });
  };
  const enqueueReproduction = async (run: number, actor: string): Promise<JobView> => {
    await readRun(stores, run);
    return jobs.enqueue({ kind: 'reproduce', actor, request: { run } });
  };
  return {
    addRoutes(app) {
      addJobsRoutes(app, { queue: jobs, enqueueTraining, enqueueCalibration, enqueueEvaluation });
      addRunRoutes(app, { models, trainingRuns, enqueueReproduction });
    },
  };
}

async function datasetOf({ stores }: FeatureContext, reference: string): Promise<DatasetView> {
  const [name = '', digest = ''] = reference.split('@');
  const view = await stores.datasets.find(name, digest);
  if (view) return view;
  throw new AppError('dataset-unknown', `there is no dataset ${reference}`, {
    hint: 'See the list: pomona dataset list.',
  });
}
