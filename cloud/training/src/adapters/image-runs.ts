import type { NamedArray, OrtSession } from '@pomona/onnx-backend';
import { cropsAt, type Dataset } from '../domain/dataset.ts';

const imagesPerRun = 32;

/** The images in runs, as a graph takes them. */
export function* imageRuns(
  dataset: Dataset,
  images: readonly number[],
): Generator<ReadonlyMap<string, NamedArray>> {
  for (let from = 0; from < images.length; from += imagesPerRun) {
    const chosen = images.slice(from, from + imagesPerRun);
    const shape = [chosen.length, dataset.inputSize, dataset.inputSize, 3];
    yield new Map([['images', { type: 'uint8', shape, data: cropsAt(dataset, chosen) } as const]]);
  }
}

/** [images][labels] */
export function probabilitiesOf(
  session: OrtSession,
  dataset: Dataset,
  images: readonly number[],
): number[][] {
  const width = dataset.labels.length;
  const rows: number[][] = [];
  for (const feeds of imageRuns(dataset, images)) {
    const values = session.run(feeds, ['probabilities'])[0] as Float32Array;
    for (let at = 0; at < values.length; at += width) rows.push([...values.subarray(at, at + width)]);
  }
  return rows;
}
