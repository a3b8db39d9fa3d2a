/** What a training of a tiny model leaves behind, made up. */
import type { GoldenViews, TrainingSummary } from '@pomona/training';
import type { Evaluation } from '@pomona/wire';
import type { TrainingArtifacts } from '../use-cases/build-release.ts';

export const evaluation: Evaluation = {
  ...{ unit: 'image', images: 2, groups: 2, accuracy: 0.5, balancedAccuracy: 0.5, macroF1: 0.5, ece: 0.1 },
  confusion: [
    [1, 0],
    [1, 0],
  ],
  perClass: ['good', 'bad'].map((label) => ({ label, precision: null, recall: 0.5, f1: null, support: 1 })),
  byGroup: [{ group: 'a', images: 2, accuracy: 0.5 }],
};

export const summary: TrainingSummary = {
  ...{
    network: 'sequential',
    labels: ['good', 'bad'],
    inputSize: 8,
    viewsPerFruit: 1,
    seed: 7,
    temperature: 1.5,
  },
  dataset: { name: 'apples', digest: 'd'.repeat(64) },
  ...{ evaluation, validation: evaluation, imagesPerSecond: 900, epochs: 2, bestEpoch: 1, durationMs: 5 },
  parameters: { epochs: 2, optimizer: 'adam' },
  exportDifference: 0.000_002,
  variants: [
    {
      name: 'fp32',
      file: 'model-fp32.onnx',
      bytes: 70_000,
      accuracy: 0.5,
      agreement: 1,
      ece: 0.1,
      msPerView: 0.2,
    },
    {
      name: 'int8',
      file: 'model-int8.onnx',
      bytes: 20_000,
      accuracy: 0.5,
      agreement: 0.9,
      ece: 0.1,
      msPerView: 0.1,
    },
  ],
};

export const golden: GoldenViews = {
  inputSize: 8,
  labels: ['good', 'bad'],
  views: [{ digest: 'e'.repeat(64), grade: 'good', probabilities: [0.75, 0.25], quantized: [0.74, 0.26] }],
};

export function sampleArtifacts(fill = 3): TrainingArtifacts {
  return {
    summary,
    golden,
    goldenPixels: Buffer.alloc(192, 9),
    weights: Buffer.alloc(64, 7),
    models: new Map([
      ['model-fp32.onnx', Buffer.alloc(70_000, fill)],
      ['model-int8.onnx', Buffer.alloc(20_000, 5)],
    ]),
  };
}
