import type { Network, TrainingRecipe } from '@pomona/catalog';
import { type Clock, type Evaluation, seededRandom } from '@pomona/wire';
import { tensor, type Variable } from '@tensorflow/tfjs-core';
import { batchesOf, batchShapeOf } from '../domain/batches.ts';
import { type Case, casesOf, checkCases } from '../domain/cases.ts';
import { classWeightsOf } from '../domain/class-weights.ts';
import { cropsAt, type Dataset } from '../domain/dataset.ts';
import { trainingError } from '../domain/errors.ts';
import { evaluationOf } from '../domain/evaluation.ts';
import { learningRateAt } from '../domain/schedule.ts';
import { fittedTemperature, meanLoss } from '../domain/temperature.ts';
import type { TrainingEvent } from '../domain/training-protocol.ts';
import { type BuiltModel, buildModel } from './build-model.ts';
import type { Engine } from './engine.ts';
import { fitClassifier } from './fit-classifier.ts';
import { initialise } from './initialise.ts';
import { caseMeans, predictCases } from './predict.ts';
import { trainingStep } from './training-step.ts';

export interface TrainingJob {
  readonly dataset: Dataset;
  readonly network: Network;
  readonly recipe: TrainingRecipe;
  readonly seed: number;
  /** Views of a fruit that one step sees; 1 trains on single images. */
  readonly views: number;
  /** No epoch starts after this much time; undefined for no limit. */
  readonly budgetMs?: number | undefined;
}

export interface TrainingPorts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly report: (event: TrainingEvent) => void;
  /** Lets the process hear signals between two steps. */
  readonly pause: () => Promise<void>;
}

export interface TrainedModel {
  /** Holds the best weights. Whoever gets it disposes of it. */
  readonly model: BuiltModel;
  readonly temperature: number;
  readonly validation: Evaluation;
  readonly evaluation: Evaluation;
  readonly imagesPerSecond: number;
  readonly epochs: number;
  readonly bestEpoch: number;
  readonly durationMs: number;
}

const reportEveryMs = 200;
const initialImagesMax = 256;

/** Trains, keeps the weights that were best on validation, calibrates on validation, and evaluates on test. */
export async function train(job: TrainingJob, ports: TrainingPorts): Promise<TrainedModel> {
  const { dataset, network, recipe, seed, views } = job;
  const { engine, clock, report, pause } = ports;
  const startedMs = clock.monotonicMs();
  // A step takes some views of a fruit, but all that the dataset promises must be there.
  const viewsNeeded = views > 1 ? Math.max(views, dataset.viewsPerFruit) : 1;
  const trainCases = casesOf(dataset, 'train', viewsNeeded);
  const validationCases = casesOf(dataset, 'validation', viewsNeeded);
  const testCases = casesOf(dataset, 'test', viewsNeeded);
  checkCases(trainCases, validationCases, testCases);

  const shape = batchShapeOf(recipe.batchImages, views, trainCases.length);
  const stepsPerEpoch = Math.floor(trainCases.length / shape.cases);
  const steps = stepsPerEpoch * recipe.epochs;
  const model = buildModel(network, dataset.inputSize, dataset.labels.length, seed);
  showFirstImages(engine, model, dataset, trainCases);
  const classWeights = classWeightsOf(trainCases, dataset.labels.length, recipe.classBalance);
  const step = trainingStep(engine, model, dataset, { shape, classWeights, recipe });
  const random = seededRandom(seed, 'batches');
  const { epochs } = recipe;
  report({
    type: 'started',
    network: network.name,
    images: trainCases.reduce((sum, { images }) => sum + images.length, 0),
    cases: trainCases.length,
    epochs,
    steps,
  });

  const speed = speedometer(clock);
  let best = { loss: Number.POSITIVE_INFINITY, epoch: 0, weights: copyOf(model.variables) };
  let done = 0;
  let reportedMs = Number.NEGATIVE_INFINITY;
  let epoch = 0;
  while (epoch < epochs) {
    epoch++;
    let lossSum = 0;
    let right = 0;
    let count = 0;
    for (const batch of batchesOf(dataset, trainCases, shape, recipe.augmentation, random)) {
      const result = speed.measure(batch.images.length, () =>
        step.run(batch, learningRateAt(recipe, done, steps)),
      );
      if (!Number.isFinite(result.loss))
        throw trainingError('diverged', `the loss is ${result.loss} at step ${done + 1}`);
      done++;
      count++;
      lossSum += result.loss;
      right += result.right;
      const nowMs = clock.monotonicMs();
      if (nowMs - reportedMs >= reportEveryMs || count === stepsPerEpoch) {
        reportedMs = nowMs;
        report({
          type: 'progress',
          epoch,
          epochs,
          step: done,
          steps,
          loss: lossSum / count,
          accuracy: right / (count * shape.cases),
          imagesPerSecond: speed.imagesPerSecond(),
          etaMs: ((nowMs - startedMs) / done) * (steps - done),
        });
      }
      await pause();
    }
    const judged = await predictCases(engine, model, dataset, validationCases, pause);
    const validationLoss = meanLoss(judged);
    const isBest = validationLoss < best.loss;
    if (isBest) best = { loss: validationLoss, epoch, weights: copyOf(model.variables) };
    report({
      type: 'epoch',
      epoch,
      epochs,
      loss: lossSum / count,
      accuracy: right / (count * shape.cases),
      validationLoss,
      validationAccuracy: evaluationOf(judged, dataset.labels, 'image', 1).accuracy,
      best: isBest,
    });
    if (recipe.patienceEpochs > 0 && epoch - best.epoch >= recipe.patienceEpochs) break;
    if (job.budgetMs !== undefined && clock.monotonicMs() - startedMs >= job.budgetMs) break;
  }
  step.dispose();
  restore(model.variables, best.weights);
  if (dataset.defects !== undefined && views > 1) {
    const embeddings = await caseMeans(engine, model, dataset, trainCases, 'embedding', pause);
    fitClassifier(
      model,
      trainCases.map(({ label }, at) => ({ embedding: embeddings[at]!, label })),
    );
  }

  const unit = views > 1 ? 'fruit' : 'image';
  const onValidation = await predictCases(engine, model, dataset, validationCases, pause);
  const temperature = fittedTemperature(onValidation);
  const validation = evaluationOf(onValidation, dataset.labels, unit, temperature);
  report({ type: 'evaluated', split: 'validation', evaluation: validation });
  const onTest = await predictCases(engine, model, dataset, testCases, pause);
  const evaluation = evaluationOf(onTest, dataset.labels, unit, temperature);
  report({ type: 'evaluated', split: 'test', evaluation });
  return {
    model,
    temperature,
    validation,
    evaluation,
    imagesPerSecond: speed.imagesPerSecond(),
    epochs: epoch,
    bestEpoch: best.epoch,
    durationMs: clock.monotonicMs() - startedMs,
  };
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

/** Images per second over all steps but the first two, which compile. */
function speedometer(clock: Clock) {
  let images = 0;
  let spentMs = 0;
  let calls = 0;
  return {
    measure: <T>(count: number, work: () => T): T => {
      const fromMs = clock.monotonicMs();
      const result = work();
      if (++calls > 2) {
        images += count;
        spentMs += clock.monotonicMs() - fromMs;
      }
      return result;
    },
    imagesPerSecond: (): number => (spentMs > 0 ? (images * 1000) / spentMs : 0),
  };
}

function copyOf(variables: readonly Variable[]): Float32Array[] {
  return variables.map((variable) => Float32Array.from(variable.dataSync()));
}

function restore(variables: readonly Variable[], weights: readonly Float32Array[]): void {
  variables.forEach((variable, at) => {
    const value = tensor(weights[at]!, variable.shape);
    variable.assign(value);
    value.dispose();
  });
}
