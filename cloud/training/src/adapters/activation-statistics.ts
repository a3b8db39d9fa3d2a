import type { Dataset } from '../domain/dataset.ts';
import type { Value } from '../domain/graph/value.ts';
import { type ActivationCounts, addCounts, emptyCounts } from '../domain/quantization/calibration-ranges.ts';
import { activationsOf } from '../domain/quantization/quantize-graph.ts';
import { type Range, widened } from '../domain/quantization/ranges.ts';
import { type TracedModel, writeOnnx } from './export-onnx.ts';
import { imageRuns } from './image-runs.ts';
import { openSession } from './ort-session.ts';

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

function addMeans(
  means: Float64Array,
  shape: readonly number[],
  numbers: Float32Array,
  images: number,
): void {
  const plane = shape.slice(2).reduce((product, length) => product * length, 1);
  for (let from = 0, channel = 0; from < numbers.length; from += plane, channel++) {
    let sum = 0;
    for (let at = from; at < from + plane; at++) sum += numbers[at]!;
    means[channel % means.length]! += sum / plane / images;
  }
}
