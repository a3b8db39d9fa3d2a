import type { OnnxBackend } from '@pomona/onnx-backend';
import type { Clock } from '@pomona/wire';
import type { Case } from '../domain/cases.ts';
import type { Dataset } from '../domain/dataset.ts';
import type { Calibration } from '../domain/score-calibration.ts';
import { artifactNames, type TrainingSummary, variantNames } from '../domain/training-protocol.ts';
import type { BuiltModel } from '../use-cases/build-model.ts';
import { weightsFileOf } from '../use-cases/weights-file.ts';
import { evaluateVariants } from './evaluate-variants.ts';
import { exportDifferenceOf, trainerProbabilities } from './export-difference.ts';
import { fineTuneQuantized } from './fine-tune-quantized.ts';
import { goldenCropsOf, goldenViewsOf } from './golden-views.ts';
import { variantsOf } from './quantize-model.ts';
import { traceModel } from './trace-model.ts';

export interface UnfinishedModel {
  /** Disposed of here. */
  readonly model: BuiltModel;
  readonly calibration: Calibration;
  readonly dataset: Dataset;
  /** What the variants are measured on. */
  readonly cases: readonly Case[];
  readonly clock: Clock;
  readonly facts: Omit<
    TrainingSummary,
    | 'network'
    | 'labels'
    | 'inputSize'
    | 'standardise'
    | 'dataset'
    | 'temperature'
    | 'variants'
    | 'exportDifference'
  >;
}

export interface FinishedModel {
  readonly summary: TrainingSummary;
  /** By the names of `artifactNames`; `training.json` is the last. */
  readonly files: ReadonlyMap<string, Uint8Array | string>;
}

/** From a network with its numbers to its files: export, quantization, golden views, summary. Writes nothing. */
export function finishModel(
  backend: OnnxBackend,
  { model, calibration, dataset, cases, clock, facts }: UnfinishedModel,
): FinishedModel {
  const traced = traceModel(backend, model, calibration);
  const weights = weightsFileOf(model, dataset.standardise);
  const crops = goldenCropsOf(dataset);
  const ofTrainer = trainerProbabilities(backend, model, calibration, crops);
  const { models, report } = variantsOf(traced, dataset, (request) =>
    fineTuneQuantized(backend, { model, calibration, dataset }, request),
  );
  model.dispose();
  const variants = evaluateVariants(models, { dataset, cases, clock }).map((figures) =>
    figures.name === 'int8' ? { ...figures, quantization: report } : figures,
  );
  const golden = goldenViewsOf(dataset, crops, models);
  const summary: TrainingSummary = {
    network: traced.name,
    labels: dataset.labels,
    inputSize: dataset.inputSize,
    standardise: dataset.standardise,
    dataset: { name: dataset.name, digest: dataset.digest },
    temperature: 1 / calibration.scale,
    ...facts,
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

export function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
