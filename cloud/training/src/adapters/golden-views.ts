import { openSession } from '@pomona/onnx-backend';
import { cropsAt, type Dataset } from '../domain/dataset.ts';
import type { GoldenViews, VariantName } from '../domain/training-protocol.ts';

/** How many crops go with a model, so that a device can check that it computes what we computed. */
export const goldenCount = 16;

export interface GoldenCrops {
  /** Positions in the dataset. */
  readonly chosen: readonly number[];
  /** uint8 of `shape`. */
  readonly pixels: Uint8Array;
  /** [n, S, S, 3] */
  readonly shape: readonly number[];
}

/** Crops of the test split, or of all where it is empty, evenly from every grade. */
export function goldenCropsOf(dataset: Dataset): GoldenCrops {
  const { inputSize } = dataset;
  const chosen = evenlyByGrade(dataset);
  return { chosen, pixels: cropsAt(dataset, chosen), shape: [chosen.length, inputSize, inputSize, 3] };
}

/** What both variants say about the crops. */
export function goldenViewsOf(
  dataset: Dataset,
  { chosen, pixels, shape }: GoldenCrops,
  models: Readonly<Record<VariantName, Uint8Array<ArrayBuffer>>>,
): GoldenViews {
  const { inputSize, labels, images } = dataset;
  const fp32 = runModel(models.fp32, pixels, shape);
  const int8 = runModel(models.int8, pixels, shape);
  const rowOf = (rows: Float32Array, at: number): number[] =>
    Array.from(rows.subarray(at * labels.length, (at + 1) * labels.length));
  const views = chosen.map((image, at) => ({
    digest: images[image]!.digest,
    grade: images[image]!.grade,
    probabilities: rowOf(fp32, at),
    quantized: rowOf(int8, at),
  }));
  return { inputSize, labels, views };
}

/** `probabilities` [n · labels] of an exported model on `pixels` uint8 [n, S, S, 3]. */
export function runModel(
  model: Uint8Array<ArrayBuffer>,
  pixels: Uint8Array,
  shape: readonly number[],
): Float32Array {
  const session = openSession(model);
  try {
    const [probabilities] = session.run(new Map([['images', { type: 'uint8', shape, data: pixels }]]), [
      'probabilities',
    ]);
    return probabilities as Float32Array;
  } finally {
    session.dispose();
  }
}

function evenlyByGrade({ images, labels }: Dataset): number[] {
  const hasTest = images.some(({ split }) => split === 'test');
  const byGrade = labels.map((label) =>
    images.flatMap(({ grade, split }, at) => ((split === 'test' || !hasTest) && grade === label ? [at] : [])),
  );
  const chosen: number[] = [];
  const share = Math.ceil(goldenCount / labels.length);
  for (const candidates of byGrade) {
    const stride = Math.max(1, Math.floor(candidates.length / share));
    for (let at = 0, taken = 0; at < candidates.length && taken < share; at += stride, taken++) {
      chosen.push(candidates[at]!);
    }
  }
  return chosen.slice(0, goldenCount);
}
