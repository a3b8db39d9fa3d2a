import { openSession, type TracedGraph, writeOnnx } from '@pomona/onnx-backend';
import { sizeOf, type Value } from '@pomona/onnx-backend/graph';
import { randomInt, seededRandom } from '@pomona/wire';
import type { Dataset } from '../domain/dataset.ts';
import { type ActivationCounts, addCounts, emptyCounts } from '../domain/quantization/calibration-ranges.ts';
import { type Heard, HeardSums } from '../domain/quantization/heard.ts';
import { Patch } from '../domain/quantization/patch.ts';
import { activationsOf, weighingsOf } from '../domain/quantization/quantize-graph.ts';
import { type Range, widened } from '../domain/quantization/ranges.ts';
import { imageRuns } from './image-runs.ts';

/** What the activations of a float graph were on some images. */
export interface ActivationStatistics {
  readonly counts: ReadonlyMap<Value, ActivationCounts>;
  /** By the weights, of filters and of matrices. */
  readonly heardOf: Map<Value, Heard>;
}

/** Of each image; together some ten for every weight of the largest filter. */
const patchesPerImage = 16;

/** By the graph itself with the activations as its outputs, twice: counting needs the smallest and the largest first. */
export function statisticsOf(
  traced: TracedGraph,
  dataset: Dataset,
  images: readonly number[],
): ActivationStatistics {
  const targets = [...traced.outputs.values()];
  const activations = activationsOf(targets);
  const weighings = weighingsOf(targets);
  const heard = weighings.map(({ operation }) => operation!.inputs[0]!);
  const looked = [...new Set([...activations, ...heard])];
  const names = looked.map((_, at) => `activation-${at}`);
  const outputs = new Map(names.map((name, at) => [name, looked[at]!]));
  const session = openSession(writeOnnx({ ...traced, outputs }));
  const each = (look: (numbersOf: (value: Value) => Float32Array) => void): void => {
    for (const feeds of imageRuns(dataset, images)) {
      const found = session.run(feeds, names) as Float32Array[];
      look((value) => found[looked.indexOf(value)]!);
    }
  };
  try {
    const ranges = new Map<Value, Range>();
    each((numbersOf) => {
      for (const value of activations) ranges.set(value, widened(ranges.get(value), numbersOf(value)));
    });
    const counts = new Map(activations.map((value) => [value, emptyCounts(ranges.get(value)!)]));
    const listeners = weighings.map(listenerOf);
    each((numbersOf) => {
      for (const [value, own] of counts) addCounts(own, numbersOf(value));
      listeners.forEach((listener, at) => {
        listener.hear(numbersOf(heard[at]!));
      });
    });
    const weightsOf = ({ operation }: Value): Value => operation!.inputs[1]!;
    return {
      counts,
      heardOf: new Map(weighings.map((each, at) => [weightsOf(each), listeners[at]!.heard()])),
    };
  } finally {
    session.dispose();
  }
}

interface Listener {
  hear(numbers: Float32Array): void;
  heard(): Heard;
}

/** Of a convolution patches at places by chance, of a product with a matrix every row. */
function listenerOf(weighing: Value): Listener {
  const [heard] = weighing.operation!.inputs as [Value];
  if (weighing.operation!.name !== 'Conv') {
    const inputs = heard.shape.at(-1)!;
    const sums = new HeardSums(inputs);
    return {
      hear: (numbers) => {
        for (let from = 0; from < numbers.length; from += inputs)
          sums.add(numbers.subarray(from, from + inputs));
      },
      // No bias makes up for what rounding adds to the mean.
      heard: () => sums.heard(false),
    };
  }
  const patch = new Patch(weighing);
  const sums = new HeardSums(patch.numbers.length);
  const random = seededRandom(1, 'patches');
  const [, , rows, columns] = weighing.shape as [number, number, number, number];
  const image = sizeOf(heard.shape.slice(1));
  return {
    hear: (numbers) => {
      for (let from = 0; from < numbers.length; from += image) {
        for (let count = 0; count < patchesPerImage; count++) {
          patch.moveTo(numbers, from, randomInt(random, rows), randomInt(random, columns));
          sums.add(patch.numbers);
        }
      }
    },
    heard: () => sums.heard(true),
  };
}
