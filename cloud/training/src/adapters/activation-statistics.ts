import { cropsAt, type Dataset } from '../domain/dataset.ts';
import type { Value } from '../domain/graph/value.ts';
import { type ActivationCounts, addCounts, emptyCounts } from '../domain/quantization/calibration-ranges.ts';
import { activationsOf } from '../domain/quantization/quantize-graph.ts';
import { type Range, widened } from '../domain/quantization/ranges.ts';
import { type TracedModel, writeOnnx } from './export-onnx.ts';
import { type NamedArray, openSession } from './ort-session.ts';

const imagesPerRun = 32;

/** What the activations of a float graph were on some images. */
export interface ActivationStatistics {
  readonly counts: ReadonlyMap<Value, ActivationCounts>;
  /** By channel, for those of [n, channels, rows, columns]. */
  readonly means: ReadonlyMap<Value, Float64Array>;
}

/** By the graph itself with the activations as its outputs, twice: counting needs the smallest and the largest first. */
export function statisticsOf(
  traced: TracedModel,
  dataset: Dataset,
  images: readonly number[],
): ActivationStatistics {
  const activations = activationsOf([...traced.outputs.values()]);
  const names = activations.map((_, at) => `activation-${at}`);
  const outputs = new Map(names.map((name, at) => [name, activations[at]!]));
  const session = openSession(writeOnnx({ ...traced, outputs }));
  const ranges = new Map<Value, Range>();
  const means = new Map(activations.map((value) => [value, new Float64Array(value.shape[1] ?? 1)]));
  const each = (look: (value: Value, numbers: Float32Array) => void): void => {
    for (const feeds of imageRuns(dataset, images)) {
      session.run(feeds, names).forEach((numbers, at) => {
        look(activations[at]!, numbers as Float32Array);
      });
    }
  };
  try {
    each((value, numbers) => ranges.set(value, widened(ranges.get(value), numbers)));
    const counts = new Map(activations.map((value) => [value, emptyCounts(ranges.get(value)!)]));
    each((value, numbers) => {
      addCounts(counts.get(value)!, numbers);
      addMeans(means.get(value)!, value.shape, numbers, images.length);
    });
    return { counts, means };
  } finally {
    session.dispose();
  }
}

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

function addMeans(
  means: Float64Array,
  shape: readonly number[],
  numbers: Float32Array,
  images: number,
): void {
  const plane = shape.slice(2).reduce((product, length) => product * length, 1);
  for (let at = 0; at < numbers.length; at++) {
    means[Math.floor(at / plane) % means.length]! += numbers[at]! / plane / images;
  }
}
