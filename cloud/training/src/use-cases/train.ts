import { createHash } from 'node:crypto';
import type { Network, TrainingRecipe } from '@pomona/catalog';
import type { Clock, Evaluation } from '@pomona/wire';
import { type Batch, type BatchMaking, batchShapeOf, epochBatches } from '../domain/batches.ts';
import { type Case, casesOf, checkCases } from '../domain/cases.ts';
import { classWeightsOf } from '../domain/class-weights.ts';
import { cropsAt, type Dataset } from '../domain/dataset.ts';
import { trainingError } from '../domain/errors.ts';
import { accuracyOf, calibratedCase, type EvaluatedCase, evaluationOf } from '../domain/evaluation.ts';
import { drawsOfCases } from '../domain/group-draws.ts';
import { learningRateAt } from '../domain/schedule.ts';
import { type Calibration, fittedCalibration } from '../domain/score-calibration.ts';
import { fittedTemperature, meanLoss } from '../domain/temperature.ts';
import type { TrainingEvent } from '../domain/training-protocol.ts';
import { AveragedWeights } from './averaged-weights.ts';
import { BestWeights } from './best-weights.ts';
import { type BuiltModel, buildModel } from './build-model.ts';
import { type CheckpointStore, type EpochEvent, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { Engine } from './engine.ts';
import { fitClassifier, scaleClassifier } from './fit-classifier.ts';
import { initialise } from './initialise.ts';
import { parametersOf } from './parameters-of.ts';
import { caseMeans, predictCases } from './predict.ts';
import { Progress } from './progress.ts';
import { type TrainingStep, trainingStep } from './training-step.ts';
import { assignNumbers, numbersOf } from './variables.ts';
import { loadWeights } from './weights-file.ts';

export interface TrainingJob {
  readonly dataset: Dataset;
  readonly network: Network;
  readonly recipe: TrainingRecipe;
  readonly seed: number;
  /** Views of a fruit that one step sees; 1 trains on single images. */
  readonly views: number;
  /** A file of weights to go on from. */
  readonly weights?: Uint8Array | undefined;
  /** Ends after so many epochs, with the rates of a training that goes on; undefined for all of the recipe's. */
  readonly stopAfter?: number | undefined;
  /** No epoch starts after this much time; undefined for no limit. */
  readonly budgetMs?: number | undefined;
}

/** Makes the batches of an epoch. */
export interface BatchSource {
  epoch(epoch: number): AsyncIterable<Batch> | Iterable<Batch>;
  stop(): Promise<void>;
}

export interface TrainingPorts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly report: (event: TrainingEvent) => void;
  /** Gets where the training stands, after an epoch now and then; what it has already is gone on from. */
  readonly checkpoint?: CheckpointStore;
  /** Lets the process hear signals between two steps. */
  readonly pause: () => Promise<void>;
  /** Where batches are made elsewhere while a step runs; else they are made between steps. */
  readonly startBatches?: (making: BatchMaking) => BatchSource;
  /** Takes what was learned to where it is judged and exported, where that is elsewhere; it may give another model, and dispose of this one. */
  readonly settle?: (model: BuiltModel) => Promise<{ readonly engine: Engine; readonly model: BuiltModel }>;
}

export interface TrainedModel {
  /** Holds the best weights. Whoever gets it disposes of it. */
  readonly model: BuiltModel;
  /** Without shifts: a temperature. */
  readonly calibration: Calibration;
  readonly validation: Evaluation;
  readonly evaluation: Evaluation;
  /** What it says of the test split, calibrated. */
  readonly tested: readonly EvaluatedCase[];
  readonly imagesPerSecond: number;
  readonly epochs: number;
  readonly bestEpoch: number;
  readonly durationMs: number;
}

const initialImagesMax = 256;

interface Cases {
  readonly train: readonly Case[];
  readonly validation: readonly Case[];
  readonly test: readonly Case[];
}

/** Trains, keeps the weights that were best on validation, calibrates on validation, and evaluates on test. */
export async function train(job: TrainingJob, ports: TrainingPorts): Promise<TrainedModel> {
  const { dataset, views } = job;
  const cases = splitCases(dataset, views);
  const learner = buildModel(job.network, dataset.inputSize, dataset.labels.length, job.seed);
  if (job.weights) loadWeights(learner, job.weights);
  else showFirstImages(ports.engine, learner, dataset, cases.train);
  const { highestCells } = learner;
  if (highestCells) highestCells.isLearning = true;
  const making = makingOf(job, cases.train);
  const batches = ports.startBatches?.(making) ?? madeBetweenSteps(making);
  const learned = await learn(job, ports, learner, cases, { making, batches }).finally(() => batches.stop());
  if (highestCells) highestCells.isLearning = false;
  const { engine, model } = (await ports.settle?.(learner)) ?? { engine: ports.engine, model: learner };
  const there = { ...ports, engine };
  if (job.recipe.epochs > 0) await refine(job, there, model, cases.train);
  const judged = await judge(job, there, model, cases);
  const { progress, ...figures } = learned;
  return { model, ...figures, ...judged, durationMs: progress.elapsedMs };
}

/** Fruits, or images where `views` is 1. */
export function splitCases(dataset: Dataset, views: number): Cases {
  // A step takes some views of a fruit, but all that the dataset promises must be there.
  const viewsNeeded = views > 1 ? Math.max(views, dataset.viewsPerFruit) : 1;
  const train = casesOf(dataset, 'train', viewsNeeded);
  const validation = casesOf(dataset, 'validation', viewsNeeded);
  const test = casesOf(dataset, 'test', viewsNeeded);
  checkCases(train, validation, test);
  return { train, validation, test };
}

/** Fits the random weights to some images from all over the train split. */
function showFirstImages(engine: Engine, model: BuiltModel, dataset: Dataset, cases: readonly Case[]): void {
  const images = cases.flatMap((each) => each.images);
  const stride = Math.ceil(images.length / initialImagesMax);
  const chosen = images.filter((_, at) => at % stride === 0);
  const { inputSize } = dataset;
  const pixels = engine.images(cropsAt(dataset, chosen), [chosen.length, inputSize, inputSize, 3]);
  initialise(model, pixels);
  pixels.dispose();
}

function makingOf({ dataset, recipe, views, seed }: TrainingJob, cases: readonly Case[]): BatchMaking {
  const shape = batchShapeOf(recipe.batchImages, views, cases.length);
  const { augmentation, groupBalance } = recipe;
  return { dataset, cases, shape, augmentation, groupBalance, seed };
}

function madeBetweenSteps(making: BatchMaking): BatchSource {
  return { epoch: (epoch) => epochBatches(making, epoch), stop: async () => {} };
}

interface Batches {
  readonly making: BatchMaking;
  readonly batches: BatchSource;
}

/** All epochs; afterwards the model has its best weights. */
async function learn(
  job: TrainingJob,
  ports: TrainingPorts,
  model: BuiltModel,
  cases: Cases,
  { making, batches }: Batches,
) {
  const { dataset, recipe } = job;
  const { engine, report, pause } = ports;
  const { shape } = making;
  const stepsPerEpoch = Math.floor(cases.train.length / shape.cases);
  const steps = stepsPerEpoch * recipe.epochs;
  const draws = drawsOfCases(cases.train, recipe.groupBalance);
  const classWeights = classWeightsOf(cases.train, dataset.labels.length, recipe.classBalance, draws);
  const step = trainingStep(engine, model, dataset, { shape, classWeights, recipe });
  const best = new BestWeights(model.variables);
  const averaged = new AveragedWeights(model.variables, recipe.averagedSteps);
  const course = { epochs: recipe.epochs, stepsPerEpoch, casesPerStep: shape.cases };
  const images = cases.train.reduce((sum, each) => sum + each.images.length, 0);
  report({
    type: 'started',
    network: job.network.name,
    images,
    cases: cases.train.length,
    epochs: recipe.epochs,
    steps,
    parameters: parametersOf(job),
  });
  const identity = identityOf(job, model, steps, engine.name);
  const begun = await resumed(ports, identity, { model, step, best, averaged });
  const events = [...(begun?.events ?? [])];
  for (const event of events) report(event);
  if (begun !== undefined) report({ type: 'resumed', epoch: begun.epoch });
  const progress = new Progress(course, ports.clock, report, begun);
  let epoch = begun?.epoch ?? 0;
  let savedMs = progress.elapsedMs;
  while (
    epoch < Math.min(recipe.epochs, job.stopAfter ?? recipe.epochs) &&
    !isOver(job, progress, epoch - best.epoch)
  ) {
    epoch++;
    progress.startEpoch();
    for await (const batch of batches.epoch(epoch)) {
      const result = step.run(batch, learningRateAt(recipe, progress.done, steps));
      if (!Number.isFinite(result.loss)) throw diverged(result.loss, progress.done + 1);
      progress.addStep(result, batch.images.length);
      averaged.add(progress.done);
      await pause();
    }
    const event = await averaged.during(async (): Promise<EpochEvent> => {
      const judged = await predictCases(engine, model, dataset, cases.validation, pause);
      const validationLoss = meanLoss(judged);
      return {
        type: 'epoch',
        epoch,
        epochs: recipe.epochs,
        ...progress.means,
        validationLoss,
        validationAccuracy: accuracyOf(judged),
        best: best.offer(validationLoss, epoch),
      };
    });
    report(event);
    events.push(event);
    const { elapsedMs } = progress;
    if (ports.checkpoint === undefined || elapsedMs - savedMs < ports.checkpoint.intervalMs) continue;
    savedMs = elapsedMs;
    await ports.checkpoint.save(
      writeCheckpoint(
        {
          ...{ job: identity, epoch, steps: progress.done, elapsedMs, events },
          best: { epoch: best.epoch, loss: best.loss },
        },
        [...numbersOf(model.variables), ...step.optimizer.moments, ...best.weights, ...averaged.mean],
      ),
    );
  }
  step.dispose();
  best.restore();
  return { progress, epochs: epoch, bestEpoch: best.epoch, imagesPerSecond: progress.imagesPerSecond };
}

function identityOf(
  { dataset, network, recipe, seed, views, weights }: TrainingJob,
  { variables }: BuiltModel,
  steps: number,
  engineName: string,
): string {
  const started = weights && createHash('sha256').update(weights).digest('hex');
  const shapes = variables.map(({ shape }) => shape);
  const inputs = [dataset.digest, network.name, shapes, recipe, seed, views, steps, started ?? null];
  return JSON.stringify([...inputs, engineName]);
}

/** Takes up what an earlier process left; undefined where it left nothing. */
async function resumed(
  { checkpoint }: TrainingPorts,
  identity: string,
  {
    model,
    step,
    best,
    averaged,
  }: {
    readonly model: BuiltModel;
    readonly step: TrainingStep;
    readonly best: BestWeights;
    readonly averaged: AveragedWeights;
  },
) {
  const file = await checkpoint?.load();
  if (file === undefined) return undefined;
  const sizes = model.variables.map(({ size }) => size);
  const moments = step.optimizer.moments.map(({ length }) => length);
  const { arrays, ...head } = readCheckpoint(file, identity, [
    ...sizes,
    ...moments,
    ...sizes,
    ...averaged.mean.map(({ length }) => length),
  ]);
  const count = sizes.length;
  assignNumbers(model.variables, arrays.slice(0, count));
  step.optimizer.resume(arrays.slice(count, count + 2), head.steps);
  best.resume(arrays.slice(count + 2, 2 * count + 2), head.best);
  averaged.resume(arrays.slice(2 * count + 2));
  return head;
}

function isOver({ recipe, budgetMs }: TrainingJob, progress: Progress, epochsWithoutBetter: number): boolean {
  const patient = recipe.patienceEpochs === 0 || epochsWithoutBetter < recipe.patienceEpochs;
  return !patient || (budgetMs !== undefined && progress.done > 0 && progress.elapsedMs >= budgetMs);
}

function diverged(loss: number, step: number): Error {
  return trainingError('diverged', `the loss is ${loss} at step ${step}`);
}

/** Fits what comes last to all cases at once; not where nothing was learned. */
async function refine(
  { dataset, views }: TrainingJob,
  ports: TrainingPorts,
  model: BuiltModel,
  cases: readonly Case[],
): Promise<void> {
  if (model.highestCells) await refineLine(dataset, ports, model, cases);
  else if (dataset.defects !== undefined && views > 1) await refineClassifier(dataset, ports, model, cases);
}

async function refineClassifier(
  dataset: Dataset,
  { engine, pause }: TrainingPorts,
  model: BuiltModel,
  cases: readonly Case[],
): Promise<void> {
  const embeddings = await caseMeans(engine, model, dataset, cases, 'embedding', pause);
  fitClassifier(
    model,
    cases.map(({ label }, at) => ({ embedding: embeddings[at]!, label })),
  );
}

/** Of a map that is read otherwise than it was learnt: a line to logits has a slope and offsets, which all cases fit at once. */
async function refineLine(
  dataset: Dataset,
  { engine, pause }: TrainingPorts,
  model: BuiltModel,
  cases: readonly Case[],
): Promise<void> {
  if (new Set(cases.map(({ label }) => label)).size < dataset.labels.length) return;
  const said = await predictCases(engine, model, dataset, cases, pause);
  scaleClassifier(model, fittedCalibration(said, dataset.labels.length));
}

/** Calibrates on validation; evaluates there and on test. */
async function judge(job: TrainingJob, ports: TrainingPorts, model: BuiltModel, cases: Cases) {
  const { dataset, views } = job;
  const { engine, report, pause } = ports;
  const unit = views > 1 ? 'fruit' : 'image';
  const onValidation = await predictCases(engine, model, dataset, cases.validation, pause);
  const calibration = { scale: 1 / fittedTemperature(onValidation), shift: [] };
  const calibrated = (cases: readonly EvaluatedCase[]) =>
    cases.map((each) => calibratedCase(each, calibration));
  const validation = evaluationOf(calibrated(onValidation), dataset.labels, unit);
  report({ type: 'evaluated', split: 'validation', evaluation: validation });
  const tested = calibrated(await predictCases(engine, model, dataset, cases.test, pause));
  const evaluation = evaluationOf(tested, dataset.labels, unit);
  report({ type: 'evaluated', split: 'test', evaluation });
  return { calibration, validation, evaluation, tested };
}
