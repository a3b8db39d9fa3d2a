/**
 * Post-training quantization: shows images to the float graph, and writes both variants of it. Weights are rounded together, by what they hear. Ranges are
 * taken in several ways from train and validation images of every grade; those with which the graph comes nearest to the float one on validation stay.
 * What 8 bits did to the pooled numbers on the mean is taken back behind them. Should that not be near enough, the layers with the most noise go back to floats, one by one; the nearest of those stays. Last the network
 * is fine-tuned in 8 bits, and what comes of that stays where it is better on validation.
 */

import { openSession, type TracedGraph, writeOnnx } from '@pomona/onnx-backend';
import type { Value } from '@pomona/onnx-backend/graph';
import type { QuantizationReport } from '@pomona/wire';
import type { Dataset } from '../domain/dataset.ts';
import { agreementOf } from '../domain/likeliest.ts';
import { calibrationImages, validationImages } from '../domain/quantization/calibration-images.ts';
import { type RangeMethod, rangeBy, rangeMethods } from '../domain/quantization/calibration-ranges.ts';
import { nearestInFloats } from '../domain/quantization/nearest-in-floats.ts';
import { type Lines, linesBetween, pooledOf, withLines } from '../domain/quantization/pooled-lines.ts';
import {
  convolutionsOf,
  type QuantizationSettings,
  quantizeGraph,
} from '../domain/quantization/quantize-graph.ts';
import { activationScale, type Range } from '../domain/quantization/ranges.ts';
import { chooseByLayer } from '../domain/quantization/ranges-by-layer.ts';
import type { VariantName } from '../domain/training-protocol.ts';
import { type ActivationStatistics, statisticsOf } from './activation-statistics.ts';
import { imageRuns, probabilitiesOf } from './image-runs.ts';
import { numbersOfValues } from './numbers-of-values.ts';

/** A share of images with the same likeliest grade: somewhat more than is asked of images that it was not chosen by. */
const agreementMin = 0.99;
const noiseImagesMax = 64;

export interface Variants {
  readonly models: Readonly<Record<VariantName, Uint8Array<ArrayBuffer>>>;
  /** How the integer variant came about. */
  readonly report: QuantizationReport;
}

/**
 * The last repair: the network learns to say in 8 bits what `fp32` says. `highs`: the upper end of what its convolutions with a ReLU give, in their order;
 * `outputs`: names of what it says. Undefined where it cannot be done.
 */
export type FineTune = (request: {
  readonly fp32: Uint8Array<ArrayBuffer>;
  readonly highs: readonly number[];
  readonly outputs: readonly string[];
}) => TracedGraph | undefined;

export function variantsOf(traced: TracedGraph, dataset: Dataset, fineTune?: FineTune): Variants {
  const metadata = { labels: dataset.labels.join(',') };
  const fp32 = writeOnnx(traced, { metadata });
  const judged = validationImages(dataset);
  const judge = { dataset, metadata, judged, expected: answersOf(fp32, dataset, judged) };
  const quantized = quantizeModel(traced, judge);
  // Layers in floats may be enough, and cost time; this costs none on the device.
  const tuned =
    quantized.withoutFloats < agreementMin
      ? fineTune?.({ fp32, highs: quantized.highs, outputs: [...traced.outputs.keys()] })
      : undefined;
  if (tuned === undefined) return { models: { fp32, int8: quantized.file }, report: quantized.report };
  const learned = quantizeModel(tuned, judge, quantized.highs);
  const isKept = isBetter(learned, quantized);
  const { agreement, divergence } = learned;
  const kept = isKept ? learned : quantized;
  const { layers } = kept.report;
  const fineTuned = { agreement, divergence, isKept };
  return { models: { fp32, int8: kept.file }, report: { ...quantized.report, layers, fineTuned } };
}

type Closeness = Pick<QuantizationReport['tried'][number], 'agreement' | 'divergence'>;

interface Judge {
  readonly dataset: Dataset;
  readonly metadata: Readonly<Record<string, string>>;
  readonly judged: readonly number[];
  /** What the float variant says of them. */
  readonly expected: readonly number[][];
}

interface Quantized extends Closeness {
  readonly file: Uint8Array<ArrayBuffer>;
  readonly report: QuantizationReport;
  /** Its agreement with every layer in 8 bits. */
  readonly withoutFloats: number;
  readonly highs: readonly number[];
}

/** Near enough counts first, then speed, then how near. */
function isBetter(a: Quantized, b: Quantized): boolean {
  const isEnough = ({ agreement }: Quantized) => agreement >= agreementMin;
  const floats = ({ report }: Quantized) => report.layers.filter(({ bits }) => bits === 32).length;
  if (isEnough(a) !== isEnough(b)) return isEnough(a);
  if (isEnough(a) && floats(a) !== floats(b)) return floats(a) < floats(b);
  return a.agreement > b.agreement || (a.agreement === b.agreement && a.divergence < b.divergence);
}

/** `learned`: the upper ends that the network learned to round to. Its weights make up for the rounding already. */
function quantizeModel(
  traced: TracedGraph,
  { dataset, metadata, judged, expected }: Judge,
  learned?: readonly number[],
): Quantized {
  const targets = [...traced.outputs.values()];
  const names = [...traced.outputs.keys()];
  const layers = convolutionsOf(targets);
  const images = calibrationImages(dataset);
  const { counts, heardOf } = statisticsOf(traced, dataset, images);
  const rectified = layers.filter(({ operation }) => operation!.name === 'Relu');
  const learnedHighs = new Map(learned?.map((high, at) => [rectified[at]!, high]));
  const rangesOf = rangesOfEach(counts, learnedHighs);
  // What was rounded while it learned is not rounded otherwise.
  if (learned) for (const relu of rectified) heardOf.delete(relu.operation!.inputs[0]!.operation!.inputs[1]!);
  const pooled = pooledOf(targets);
  const wanted = numbersOfValues(traced, pooled, dataset, images);
  const linesFor = (settings: QuantizationSettings): ReadonlyMap<Value, Lines> => {
    const found = numbersOfValues(traced, quantizeGraph(pooled, settings), dataset, images);
    const lines = pooled.map((value, at) => linesBetween(found[at]!, wanted[at]!, value.shape[1]!));
    return new Map(pooled.map((value, at) => [value, lines[at]!]));
  };
  const build = (choice: Choice, inFloat: ReadonlySet<Value> = new Set()) => {
    const rangeOf = new Map([...choice].map(([value, way]) => [value, rangesOf.get(value)!.get(way)!]));
    const settings = { rangeOf, inFloat, heardOf };
    const lined = learned ? targets : withLines(targets, linesFor(settings));
    const quantized = quantizeGraph(lined, settings);
    const outputs = new Map(names.map((name, at) => [name, quantized[at]!]));
    const file = writeOnnx({ ...traced, outputs }, { metadata, shortNames: true });
    return { settings, file, ...closeness(expected, answersOf(file, dataset, judged)) };
  };
  const tried = rangeMethods.map((method) => {
    const choice: Choice = new Map(
      [...rangesOf].map(([value, ranges]) => [value, ranges.has(method) ? method : 'learned']),
    );
    return { method, choice, built: build(choice) };
  });
  const nearest = tried.reduce((best, each) => (each.built.divergence < best.built.divergence ? each : best));
  const { choice, built } = chooseByLayer(nearest, (value) => [...rangesOf.get(value)!.keys()], build);
  const noise = noiseOf(traced, dataset, layers, built.settings);
  // The noisiest first.
  const order = layers.map((_, at) => at).sort((a, b) => noise[a]! - noise[b]!);
  const best = nearestInFloats(built, order.length, agreementMin, (inFloat) =>
    build(choice, new Set(order.slice(0, inFloat).map((at) => layers[at]!))),
  );
  return {
    file: best.file,
    agreement: best.agreement,
    divergence: best.divergence,
    withoutFloats: built.agreement,
    highs: rectified.map((layer) => built.settings.rangeOf.get(layer)!.max),
    report: {
      ranges: nearest.method,
      tried: tried.map(({ method, built: { agreement, divergence } }) => ({
        ranges: method,
        agreement,
        divergence,
      })),
      layers: layers.map((layer, at) => {
        const isInFloat = best.settings.inFloat.has(layer);
        const range = best.settings.rangeOf.get(layer)!;
        return {
          layer: `convolution ${at + 1}`,
          signalToNoiseDb: noise[at]!,
          bits: isInFloat ? 32 : 8,
          ranges: choice.get(layer)!,
          ...(isInFloat ? {} : { output: { ...range, ...activationScale(range) } }),
        };
      }),
    },
  };
}

type Way = RangeMethod | 'learned';
/** The way in which each activation's range is taken. */
type Choice = ReadonlyMap<Value, Way>;

/** Ranges of each activation by the ways that there are for it. */
function rangesOfEach(
  counts: ActivationStatistics['counts'],
  learnedHighs: ReadonlyMap<Value, number>,
): ReadonlyMap<Value, ReadonlyMap<Way, Range>> {
  const ways = [...counts].map(([value, own]): [Value, ReadonlyMap<Way, Range>] => {
    const high = learnedHighs.get(value);
    return [
      value,
      high === undefined
        ? new Map(rangeMethods.map((method) => [method, rangeBy(method, own)]))
        : new Map([['learned', { min: 0, max: high }]]),
    ];
  });
  return new Map(ways);
}

function answersOf(model: Uint8Array<ArrayBuffer>, dataset: Dataset, images: readonly number[]): number[][] {
  const session = openSession(model, { threads: 1 });
  try {
    return probabilitiesOf(session, dataset, images);
  } finally {
    session.dispose();
  }
}

/** Of one in another: the share with the same likeliest label, and the mean relative entropy. */
function closeness(expected: readonly number[][], found: readonly number[][]): Closeness {
  let divergence = 0;
  expected.forEach((row, at) => {
    row.forEach((p, label) => {
      divergence += p * Math.log(Math.max(p, 1e-12) / Math.max(found[at]![label]!, 1e-12));
    });
  });
  return {
    agreement: agreementOf(expected, found),
    divergence: Math.max(0, divergence / expected.length),
  };
}

/** Decibels of every convolution's output over what its 8 bits, and those of all before it, add to it. */
function noiseOf(
  traced: TracedGraph,
  dataset: Dataset,
  layers: readonly Value[],
  settings: QuantizationSettings,
): number[] {
  const names = layers.map((_, at) => `layer-${at}`);
  const outputsOf = (values: readonly Value[]) => new Map(names.map((name, at) => [name, values[at]!]));
  const [float, integer] = [layers, quantizeGraph(layers, settings)].map((values) =>
    openSession(writeOnnx({ ...traced, outputs: outputsOf(values) })),
  );
  const signal = names.map(() => 0);
  const noise = names.map(() => 0);
  try {
    for (const feeds of imageRuns(dataset, validationImages(dataset).slice(0, noiseImagesMax))) {
      const [exact, rounded] = [float!.run(feeds, names), integer!.run(feeds, names)];
      exact.forEach((numbers, layer) => {
        for (let at = 0; at < numbers.length; at++) {
          signal[layer]! += Number(numbers[at]) ** 2;
          noise[layer]! += (Number(numbers[at]) - Number(rounded[layer]![at])) ** 2;
        }
      });
    }
  } finally {
    float!.dispose();
    integer!.dispose();
  }
  return signal.map((each, at) => 10 * Math.log10(Math.max(each, 1e-30) / Math.max(noise[at]!, 1e-30)));
}
