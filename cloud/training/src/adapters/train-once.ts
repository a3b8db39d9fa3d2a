import type { Network, TrainingRecipe } from '@pomona/catalog';
import type { Clock } from '@pomona/wire';
import type { Dataset } from '../domain/dataset.ts';
import {
  artifactNames,
  type TrainingEvent,
  type TrainingSummary,
  variantNames,
} from '../domain/training-protocol.ts';
import { splitCases, train } from '../use-cases/train.ts';
import { weightsFileOf } from '../use-cases/weights-file.ts';
import { evaluateVariants } from './evaluate-variants.ts';
import { exportDifferenceOf, trainerProbabilities } from './export-difference.ts';
import { traceModel } from './export-onnx.ts';
import { goldenCropsOf, goldenViewsOf } from './golden-views.ts';
import { variantsOf } from './quantize-model.ts';
import { useOnnxBackend } from './register-backend.ts';

export interface TrainOnceOptions {
  readonly dataset: Dataset;
  readonly network: Network;
  readonly recipe: TrainingRecipe;
  readonly seed: number;
  /** Default: as many as the dataset has of a fruit, at most the recipe's `viewsMax`. */
  readonly views?: number;
  readonly budgetMs?: number;
  /** A file of weights to go on from. */
  readonly weights?: Uint8Array;
  readonly clock: Clock;
  readonly report?: (event: TrainingEvent) => void;
}

export interface TrainOnceResult {
  readonly summary: TrainingSummary;
  /** By the names of `artifactNames`; `training.json` is the last. */
  readonly files: ReadonlyMap<string, Uint8Array | string>;
}

/** A whole run on the ONNX backend: training, export, golden views, summary. Writes nothing. */
export async function trainOnce(options: TrainOnceOptions): Promise<TrainOnceResult> {
  const { dataset, network, recipe, seed, clock, report = () => {} } = options;
  const views = options.views ?? Math.min(dataset.viewsPerFruit, recipe.viewsMax);
  const backend = await useOnnxBackend();
  const job = { dataset, network, recipe, seed, views, budgetMs: options.budgetMs, weights: options.weights };
  const trained = await train(job, { engine: backend, clock, report, pause });
  const { model, temperature } = trained;
  const traced = traceModel(backend, model, temperature);
  const weights = weightsFileOf(model);
  const crops = goldenCropsOf(dataset);
  const ofTrainer = trainerProbabilities(backend, model, temperature, crops);
  model.dispose();
  const models = variantsOf(traced, dataset);
  const variants = evaluateVariants(models, { dataset, cases: splitCases(dataset, views).test, clock });
  const golden = goldenViewsOf(dataset, crops, models);
  const summary: TrainingSummary = {
    network: network.name,
    labels: dataset.labels,
    inputSize: dataset.inputSize,
    viewsPerFruit: views,
    dataset: { name: dataset.name, digest: dataset.digest },
    seed,
    temperature,
    evaluation: trained.evaluation,
    validation: trained.validation,
    imagesPerSecond: trained.imagesPerSecond,
    epochs: trained.epochs,
    bestEpoch: trained.bestEpoch,
    durationMs: trained.durationMs,
    parameters: { network: network.name, views, ...flatten(recipe) },
    variants,
    exportDifference: exportDifferenceOf(ofTrainer, golden),
  };
  const files = new Map<string, Uint8Array | string>([
    ...variantNames.map((name) => [artifactNames[name], models[name]] as const),
    [artifactNames.weights, weights],
    [artifactNames.goldenPixels, crops.pixels],
    [artifactNames.golden, JSON.stringify(golden)],
    [artifactNames.summary, JSON.stringify(summary, null, 2)],
  ]);
  return { summary, files };
}

function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** `{ adam: { beta1: 0.9 } }` → `{ 'adam.beta1': 0.9 }` */
function flatten(settings: object, prefix = ''): Record<string, number | boolean | string> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) =>
      typeof value === 'object'
        ? Object.entries(flatten(value, `${prefix}${key}.`))
        : [[`${prefix}${key}`, value]],
    ),
  );
}
