/**
 * Post-training quantization: shows images to the float graph, and writes both variants of it. Ranges are taken in three
 * ways from train and validation images of every grade; the graph that comes nearest to the float one on validation stays.
 * Should that not be near enough, the layers with the most noise go back to floats, one by one.
 */
import type { QuantizationReport } from '@pomona/wire';
import type { Dataset } from '../domain/dataset.ts';
import type { Value } from '../domain/graph/value.ts';
import { calibrationImages, validationImages } from '../domain/quantization/calibration-images.ts';
import { rangeBy, rangeMethods } from '../domain/quantization/calibration-ranges.ts';
import { convolutionsOf, quantizeGraph } from '../domain/quantization/quantize-graph.ts';
import type { VariantName } from '../domain/training-protocol.ts';
import { type ActivationStatistics, imageRuns, statisticsOf } from './activation-statistics.ts';
import { type TracedModel, writeOnnx } from './export-onnx.ts';
import { openSession } from './ort-session.ts';

/** As the gate asks of the whole; a share of images with the same likeliest grade. */
const agreementMin = 0.98;
const noiseImagesMax = 64;

export interface Variants {
  readonly models: Readonly<Record<VariantName, Uint8Array<ArrayBuffer>>>;
  /** How the integer variant came about. */
  readonly report: QuantizationReport;
}

export function variantsOf(traced: TracedModel, dataset: Dataset): Variants {
  const metadata = { labels: dataset.labels.join(',') };
  const fp32 = writeOnnx(traced, { metadata });
  const integer = (outputs: TracedModel['outputs']): Uint8Array<ArrayBuffer> =>
    writeOnnx({ ...traced, outputs }, { metadata, shortNames: true });
  const { outputs, report } = quantizeModel(traced, dataset, fp32, integer);
  return { models: { fp32, int8: integer(outputs) }, report };
}

type Closeness = Pick<QuantizationReport['tried'][number], 'agreement' | 'divergence'>;

function quantizeModel(
  traced: TracedModel,
  dataset: Dataset,
  fp32: Uint8Array<ArrayBuffer>,
  fileOf: (outputs: TracedModel['outputs']) => Uint8Array<ArrayBuffer>,
): { readonly outputs: TracedModel['outputs']; readonly report: QuantizationReport } {
  const targets = [...traced.outputs.values()];
  const layers = convolutionsOf(targets);
  const statistics = statisticsOf(traced, dataset, calibrationImages(dataset));
  const judged = validationImages(dataset);
  const expected = probabilitiesOf(fp32, dataset, judged);
  const build = (method: (typeof rangeMethods)[number], inFloat: ReadonlySet<Value>) => {
    const settings = { rangeOf: rangesBy(method, statistics), meansOf: statistics.means, inFloat };
    const names = [...traced.outputs.keys()];
    const quantized = quantizeGraph(targets, settings);
    const outputs = new Map(names.map((name, at) => [name, quantized[at]!]));
    return { settings, outputs, ...closeness(expected, probabilitiesOf(fileOf(outputs), dataset, judged)) };
  };
  const tried = rangeMethods.map((method) => ({ method, ...build(method, new Set()) }));
  const chosen = tried.reduce((best, each) => (each.divergence < best.divergence ? each : best));
  const noise = noiseOf(traced, dataset, layers, chosen.settings);
  // The noisiest first; a network of floats alone would be no variant of its own.
  const order = layers.map((_, at) => at).sort((a, b) => noise[a]! - noise[b]!);
  const inFloat = new Set<Value>();
  let best: Closeness & { readonly outputs: TracedModel['outputs'] } = chosen;
  for (const at of order.slice(0, -1)) {
    if (best.agreement >= agreementMin) break;
    inFloat.add(layers[at]!);
    best = build(chosen.method, inFloat);
  }
  return {
    outputs: best.outputs,
    report: {
      ranges: chosen.method,
      tried: tried.map(({ method, agreement, divergence }) => ({ ranges: method, agreement, divergence })),
      layers: layers.map((layer, at) => ({
        layer: `convolution ${at + 1}`,
        signalToNoiseDb: noise[at]!,
        bits: inFloat.has(layer) ? 32 : 8,
      })),
    },
  };
}

function rangesBy(method: (typeof rangeMethods)[number], { counts }: ActivationStatistics) {
  return new Map([...counts].map(([value, each]) => [value, rangeBy(method, each)]));
}

/** [images][labels] */
function probabilitiesOf(
  model: Uint8Array<ArrayBuffer>,
  dataset: Dataset,
  images: readonly number[],
): number[][] {
  const session = openSession(model, { threads: 1 });
  const width = dataset.labels.length;
  try {
    return [...imageRuns(dataset, images)].flatMap((feeds) => {
      const rows = session.run(feeds, ['probabilities'])[0] as Float32Array;
      return Array.from({ length: rows.length / width }, (_, at) => [
        ...rows.subarray(at * width, (at + 1) * width),
      ]);
    });
  } finally {
    session.dispose();
  }
}

/** Of one in another: the share with the same likeliest label, and the mean relative entropy. */
function closeness(expected: readonly number[][], found: readonly number[][]): Closeness {
  const likeliest = (row: readonly number[]): number => row.indexOf(Math.max(...row));
  let [same, divergence] = [0, 0];
  expected.forEach((row, at) => {
    if (likeliest(row) === likeliest(found[at]!)) same++;
    row.forEach((p, label) => {
      divergence += p * Math.log(Math.max(p, 1e-12) / Math.max(found[at]![label]!, 1e-12));
    });
  });
  return { agreement: same / expected.length, divergence: Math.max(0, divergence / expected.length) };
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
