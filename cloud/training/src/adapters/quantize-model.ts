/**
 * Post-training quantization: shows images to the float graph, and writes both variants of it. Ranges are taken in three
 * ways from train and validation images of every grade; the graph that comes nearest to the float one on validation stays.
 * Should that not be near enough, the layers with the most noise go back to floats, one by one; the nearest of those stays. Last the network
 * is fine-tuned in 8 bits, and what comes of that stays where it is better on validation.
 */
import type { QuantizationReport } from '@pomona/wire';
import type { Dataset } from '../domain/dataset.ts';
import type { Value } from '../domain/graph/value.ts';
import { agreementOf } from '../domain/likeliest.ts';
import { calibrationImages, validationImages } from '../domain/quantization/calibration-images.ts';
import { rangeBy, rangeMethods } from '../domain/quantization/calibration-ranges.ts';
import { nearestInFloats } from '../domain/quantization/nearest-in-floats.ts';
import { convolutionsOf, quantizeGraph } from '../domain/quantization/quantize-graph.ts';
import type { VariantName } from '../domain/training-protocol.ts';
import { type ActivationStatistics, statisticsOf } from './activation-statistics.ts';
import { type TracedModel, writeOnnx } from './export-onnx.ts';
import { imageRuns, probabilitiesOf } from './image-runs.ts';
import { openSession } from './ort-session.ts';

/** As the gate asks of the whole; a share of images with the same likeliest grade. */
const agreementMin = 0.98;
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
}) => TracedModel | undefined;

export function variantsOf(traced: TracedModel, dataset: Dataset, fineTune?: FineTune): Variants {
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

/** `learned`: the upper ends that the network learned to round to. Its biases make up for the rounding already. */
function quantizeModel(
  traced: TracedModel,
  { dataset, metadata, judged, expected }: Judge,
  learned?: readonly number[],
): Quantized {
  const targets = [...traced.outputs.values()];
  const names = [...traced.outputs.keys()];
  const layers = convolutionsOf(targets);
  const statistics = statisticsOf(traced, dataset, calibrationImages(dataset));
  const build = (rangeOf: ReturnType<typeof rangesBy>, inFloat: ReadonlySet<Value>) => {
    const settings = { rangeOf, inFloat, ...(learned ? {} : { meansOf: statistics.means }) };
    const quantized = quantizeGraph(targets, settings);
    const outputs = new Map(names.map((name, at) => [name, quantized[at]!]));
    const file = writeOnnx({ ...traced, outputs }, { metadata, shortNames: true });
    return { settings, file, ...closeness(expected, answersOf(file, dataset, judged)) };
  };
  const rectified = layers.filter(({ operation }) => operation!.name === 'Relu');
  const given = rectified.flatMap((layer, at) =>
    learned ? [[layer, { min: 0, max: learned[at]! }] as const] : [],
  );
  const tried = rangeMethods.map((method) => ({
    method,
    ...build(new Map([...rangesBy(method, statistics), ...given]), new Set()),
  }));
  const chosen = tried.reduce((best, each) => (each.divergence < best.divergence ? each : best));
  const noise = noiseOf(traced, dataset, layers, chosen.settings);
  // The noisiest first.
  const order = layers.map((_, at) => at).sort((a, b) => noise[a]! - noise[b]!);
  const best = nearestInFloats<ReturnType<typeof build>>(chosen, order.length, agreementMin, (inFloat) =>
    build(chosen.settings.rangeOf, new Set(order.slice(0, inFloat).map((at) => layers[at]!))),
  );
  return {
    file: best.file,
    agreement: best.agreement,
    divergence: best.divergence,
    withoutFloats: chosen.agreement,
    highs: rectified.map((layer) => chosen.settings.rangeOf.get(layer)!.max),
    report: {
      ranges: chosen.method,
      tried: tried.map(({ method, agreement, divergence }) => ({ ranges: method, agreement, divergence })),
      layers: layers.map((layer, at) => ({
        layer: `convolution ${at + 1}`,
        signalToNoiseDb: noise[at]!,
        bits: best.settings.inFloat.has(layer) ? 32 : 8,
      })),
    },
  };
}

function rangesBy(method: (typeof rangeMethods)[number], { counts }: ActivationStatistics) {
  return new Map([...counts].map(([value, each]) => [value, rangeBy(method, each)]));
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
  traced: TracedModel,
  dataset: Dataset,
  layers: readonly Value[],
  settings: Parameters<typeof quantizeGraph>[1],
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
