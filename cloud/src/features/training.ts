import { defaultNetworkName } from '@pomona/catalog';
import {
  AppError,
  type CalibrateRequest,
  type DatasetView,
  type EvaluateRequest,
  type JobView,
  type LeaveOutOrder,
  type LeaveOutReport,
  type TrainRequest,
  type TuneOrder,
} from '@pomona/wire';
import { datasetFolderOf, readDatasetFile } from '../adapters/dataset/dataset-folder.ts';
import { freezingPorts } from '../adapters/dataset/freezing-ports.ts';
import { imagesIn } from '../adapters/dataset/read-images.ts';
import { addJobsRoutes } from '../adapters/http/jobs-routes.ts';
import { addRunRoutes } from '../adapters/http/run-routes.ts';
import { leaveOutPorts } from '../adapters/leave-out-ports.ts';
import { localTraining } from '../adapters/local-training.ts';
import { runFiles } from '../adapters/run-files.ts';
import { checkNetwork } from '../domain/checked-network.ts';
import { checkedRecipe } from '../domain/checked-recipe.ts';
import { type CalibrationRequest, calibrate } from '../use-cases/calibrate.ts';
import { datasetUnknown } from '../use-cases/dataset-unknown.ts';
import { type EvaluateModelRequest, evaluateModel } from '../use-cases/evaluate-model.ts';
import { goOnFrom } from '../use-cases/go-on-from.ts';
import { type LeaveOutRequest, leaveOut } from '../use-cases/leave-out.ts';
import { leaveOutRequestOf } from '../use-cases/leave-out-request.ts';
import { readRun } from '../use-cases/read-runs.ts';
import { reproduceRun } from '../use-cases/reproduce-run.ts';
import { resizeDataset } from '../use-cases/resize-dataset.ts';
import type { JobRun } from '../use-cases/run-job.ts';
import { type TrainAndRegisterRequest, trainAndRegister } from '../use-cases/train-and-register.ts';
import { type TuneRequest, tune } from '../use-cases/tune.ts';
import { tuneRequestOf } from '../use-cases/tune-request.ts';
import type { Feature, FeatureContext } from './feature.ts';

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
  const { models: known, project } = stores;
  const judging = { models: known, project, trainer: ports.trainer, readImages: imagesIn(dataFolder) };
  jobs.handle('evaluate', (request, run) =>
    isLeaveOut(request)
      ? leaveOutOf(request, run)
      : evaluateModel(judging, request as unknown as EvaluateModelRequest, run),
  );
  const leaveOutOf = async ({ dataset, ...request }: LeaveOutJob, run: JobRun): Promise<LeaveOutReport> => {
    const file = await readDatasetFile(datasetFolderOf(dataFolder, dataset.name, dataset.digest));
    const leaving = await leaveOutPorts(dataFolder, stores, ports.trainer, clock);
    // The curves of several trainings are no curve; each is in its own run.
    return leaveOut(leaving, file, request, run, { onFold: () => {}, onEvent: () => {} });
  };
  const { models, trainingRuns } = stores;
  const reproducing = { models, trainingRuns, trainer: ports.trainer, files: runFiles(dataFolder) };
  jobs.handle('reproduce', (request, run) =>
    reproduceRun(reproducing, request as unknown as { readonly run: number }, run),
  );
  const resizing = { ...freezingPorts(dataFolder, clock), datasets: stores.datasets };
  const tuning = { ...ports, resize: (of: DatasetView, size: number) => resizeDataset(resizing, of, size) };
  // Who asked sees the trials in the job's result.
  jobs.handle('tune', (request, run) => tune(tuning, request as unknown as TuneRequest, run, () => {}));

  const enqueueTraining = async (request: TrainRequest, actor: string): Promise<JobView> => {
    const { from, ...rest } = request;
    const dataset = await datasetOf(context, rest.dataset);
    if (rest.network !== undefined) checkNetwork(rest.network);
    const begun =
      from === undefined
        ? { network: rest.network ?? defaultNetworkName }
        : goOnFrom(await stores.models.resolve(from), dataset, rest.network);
    if (rest.recipe !== undefined) checkedRecipe(begun.network, dataset.viewsPerFruit, rest.recipe);
    const { name, digest } = dataset;
    const training = { ...rest, ...begun, dataset: { name, digest }, seed: rest.seed ?? 1 };
    return jobs.enqueue({ kind: 'train', actor, request: training });
  };
  const enqueueCalibration = async (request: CalibrateRequest, actor: string): Promise<JobView> => {
    const { name, version } = await stores.models.resolve(request.model);
    const { name: dataset, digest } = await datasetOf(context, request.dataset);
    const { reason } = request;
    const job: CalibrationRequest = {
      ...{ model: { name, version }, dataset: { name: dataset, digest } },
      ...(reason === undefined ? {} : { reason }),
    };
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
  const enqueueLeaveOut = async (order: LeaveOutOrder, actor: string): Promise<JobView> => {
    const model = order.model === undefined ? undefined : await stores.models.resolve(order.model);
    const own = model && `${model.dataset.name}@${model.dataset.digest}`;
    const reference = order.dataset ?? own;
    if (reference === undefined) {
      throw new AppError('bad-request', 'neither a model nor a dataset is named', {
        hint: 'Name a model, whose dataset and way of training are taken, or a dataset.',
      });
    }
    if (order.network !== undefined) checkNetwork(order.network);
    const { name, digest } = await datasetOf(context, reference);
    const request = await leaveOutRequestOf(stores.models, order, model);
    const job: LeaveOutJob = { ...request, dataset: { name, digest } };
    return jobs.enqueue({ kind: 'evaluate', actor, request: { ...job } });
  };
  const enqueueTuning = async (order: TuneOrder, actor: string): Promise<JobView> => {
    const dataset = await datasetOf(context, order.dataset);
    const request = tuneRequestOf(order, dataset);
    for (const network of request.networks) checkNetwork(network);
    checkSizes(request.sizes, dataset);
    return jobs.enqueue({ kind: 'tune', actor, request });
  };
  const enqueueReproduction = async (run: number, actor: string): Promise<JobView> => {
    await readRun(stores, run);
    return jobs.enqueue({ kind: 'reproduce', actor, request: { run } });
  };
  return {
    addRoutes(app) {
      addJobsRoutes(app, {
        ...{ queue: jobs, enqueueTraining, enqueueCalibration, enqueueEvaluation, enqueueLeaveOut },
        enqueueTuning,
      });
      addRunRoutes(app, { models, trainingRuns, enqueueReproduction });
    },
  };
}

interface LeaveOutJob extends LeaveOutRequest {
  readonly dataset: { readonly name: string; readonly digest: string };
}

/** Both kinds of evaluation are jobs of one kind. */
function isLeaveOut(request: object): request is LeaveOutJob {
  return 'by' in request;
}

function checkSizes(sizes: readonly number[], { name, inputSize }: DatasetView): void {
  if (sizes.every((size) => size <= inputSize)) return;
  throw new AppError(
    'bad-request',
    `${name} has crops of ${inputSize} pixels, and ${Math.max(...sizes)} are asked for`,
    {
      hint: 'Name sizes up to the dataset’s own, or none.',
    },
  );
}

async function datasetOf({ stores }: FeatureContext, reference: string): Promise<DatasetView> {
  const [name = '', digest = ''] = reference.split('@');
  const view = await stores.datasets.find(name, digest);
  if (view) return view;
  throw datasetUnknown(reference, await stores.datasets.list());
}
