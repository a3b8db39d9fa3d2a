import { openSession, type TracedGraph, writeOnnx } from '@pomona/onnx-backend';
import type { Value } from '@pomona/onnx-backend/graph';
import type { Dataset } from '../domain/dataset.ts';
import { imageRuns } from './image-runs.ts';

/** What values of the graph are on some images, one image after the other. */
export function numbersOfValues(
  traced: TracedGraph,
  values: readonly Value[],
  dataset: Dataset,
  images: readonly number[],
): Float32Array[] {
  const names = values.map((_, at) => `value-${at}`);
  const outputs = new Map(names.map((name, at) => [name, values[at]!]));
  const session = openSession(writeOnnx({ ...traced, outputs }));
  const parts = values.map((): Float32Array[] => []);
  try {
    for (const feeds of imageRuns(dataset, images)) {
      session.run(feeds, names).forEach((numbers, at) => {
        parts[at]!.push(numbers as Float32Array);
      });
    }
  } finally {
    session.dispose();
  }
  return parts.map((own) => {
    const all = new Float32Array(own.reduce((length, part) => length + part.length, 0));
    own.reduce((from, part) => {
      all.set(part, from);
      return from + part.length;
    }, 0);
    return all;
  });
}
