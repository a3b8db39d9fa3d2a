/**
 * What the training program says while it works: one JSON object per line on stdout. A run ends with `done` and exit
 * code 0 (`measured` with `--evaluate`, `timed` with `--time`), or with `failed` and exit code 1; a cancelled run (SIGTERM, SIGINT) just ends, with exit code 130. A usage
 * error prints its message to stderr and ends with exit code 2.
 *
 * With `--calibrate` nothing is learned: the weights of `--from` stay, and only the numbers that turn logits into
 * probabilities are fitted, to the images of the dataset. The artifacts are the same.
 *
 * With `--evaluate` nothing is learned or written: the weights of `--from` are judged on images of the dataset.
 *
 * With `--time` nothing is learned or written either: it says how long a view takes the network, at the size of the dataset's crops.
 *
 * Artifacts, in the output folder, each written whole or not at all:
 *   model-fp32.onnx  `images` uint8 [n, S, S, 3] → `probabilities` float [n, labels], `embedding` float [n, features]
 *   model-int8.onnx  the same with integer convolutions
 *   weights.f32    what was learned, for a later run to go on from
 *   golden.u8      some crops of the test split, uint8 [n, S, S, 3]
 *   golden.json    GoldenViews: what the model must say about them
 *   training.json  TrainingSummary; written last, so that its presence means that all are there
 */
import type { Evaluation, HeldAgainst, Standardise, TrainingEnvironment, VariantFigures } from '@pomona/wire';
import type { HeldBack } from './cross-fit.ts';
import type { Calibration } from './score-calibration.ts';

/** Of the ONNX files. */
export { opsetVersion } from '@pomona/onnx-backend/onnx';

export const artifactNames = {
  fp32: 'model-fp32.onnx',
  int8: 'model-int8.onnx',
  weights: 'weights.f32',
  goldenPixels: 'golden.u8',
  golden: 'golden.json',
  summary: 'training.json',
} as const;

export const variantNames = ['fp32', 'int8'] as const;
export type VariantName = (typeof variantNames)[number];

export type TrainingEvent =
  /** The first of all. */
  | { readonly type: 'environment'; readonly environment: TrainingEnvironment }
  | {
      readonly type: 'started';
      readonly network: string;
      readonly images: number;
      /** Fruits, or images where each stands for itself. */
      readonly cases: number;
      readonly epochs: number;
      readonly steps: number;
      /** Every setting that shapes the result. */
      readonly parameters: TrainingSummary['parameters'];
    }
  /** After the epochs that an earlier process of the same training had done, which are told anew. */
  | { readonly type: 'resumed'; readonly epoch: number }
  | {
      readonly type: 'progress';
      /** From 1. */
      readonly epoch: number;
      readonly epochs: number;
      /** Steps done, of the whole run. */
      readonly step: number;
      readonly steps: number;
      /** Mean over the epoch so far. */
      readonly loss: number;
      readonly accuracy: number;
      readonly imagesPerSecond: number;
      readonly etaMs: number;
    }
  | {
      readonly type: 'epoch';
      readonly epoch: number;
      readonly epochs: number;
      readonly loss: number;
      readonly accuracy: number;
      readonly validationLoss: number;
      readonly validationAccuracy: number;
      /** The best so far on validation: these weights are kept. */
      readonly best: boolean;
    }
  | { readonly type: 'evaluated'; readonly split: 'validation' | 'test'; readonly evaluation: Evaluation }
  /** The end of a run with `--evaluate`. */
  | { readonly type: 'measured'; readonly evaluation: Evaluation }
  /** The end of a run with `--time`: milliseconds of a view, fp32, on one thread. */
  | { readonly type: 'timed'; readonly msPerView: number }
  | { readonly type: 'done'; readonly summary: TrainingSummary }
  | { readonly type: 'failed'; readonly code: string; readonly message: string; readonly hint: string };

export interface TrainingSummary {
  readonly network: string;
  readonly labels: readonly string[];
  readonly inputSize: number;
  readonly standardise?: Standardise | undefined;
  readonly viewsPerFruit: number;
  readonly dataset: { readonly name: string; readonly digest: string };
  readonly seed: number;
  /** Of the fitted scale of the logits, the inverse. */
  readonly temperature: number;
  /** What a calibration run found; not there for a training. */
  readonly calibration?: FittedCalibration;
  /** On the test split; of a calibration see `FittedCalibration.heldBack`. */
  readonly evaluation: Evaluation;
  readonly validation: Evaluation;
  /** Of each `--against`, the figures of both on the test split. */
  readonly heldAgainst?: readonly HeldAgainst[];
  readonly imagesPerSecond: number;
  /** Epochs that ran, and the one whose weights were kept. */
  readonly epochs: number;
  readonly bestEpoch: number;
  readonly durationMs: number;
  /** Every setting that shaped the result. */
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
  /** Both measured on the test split, in turns in one process. */
  readonly variants: readonly VariantFigures[];
  /** Of the exported fp32 file against the trainer's own graph on the golden views: the largest difference of a probability. */
  readonly exportDifference: number;
}

export interface FittedCalibration extends Calibration {
  /** Images and groups (sessions) that the numbers were fitted to. */
  readonly images: number;
  readonly groups: number;
  /** What the evaluated cases have to do with those: nothing (a test split), other groups of them, or other images of the same groups. */
  readonly heldBack: 'test' | HeldBack;
  /** The same cases by the calibration that the network had before. */
  readonly before: Pick<Evaluation, 'accuracy' | 'balancedAccuracy' | 'ece'>;
}

export interface GoldenViews {
  readonly inputSize: number;
  readonly labels: readonly string[];
  readonly views: readonly {
    /** SHA-256 of the crop, as in the dataset. */
    readonly digest: string;
    readonly grade: string;
    /** Of the exported fp32 model, in the order of `labels`. */
    readonly probabilities: readonly number[];
    /** Of the int8 model. */
    readonly quantized: readonly number[];
  }[];
}

const eventTypes = new Set([
  'environment',
  'started',
  'resumed',
  'progress',
  'epoch',
  'evaluated',
  'measured',
  'timed',
  'done',
  'failed',
]);

/** Undefined for a line that is not one of our events. */
export function parseTrainingEvent(line: string): TrainingEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const type = (value as { type?: unknown }).type;
  return typeof type === 'string' && eventTypes.has(type) ? (value as TrainingEvent) : undefined;
}
