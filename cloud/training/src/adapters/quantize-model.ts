/** Post-training quantization: shows images to the float graph, and writes both variants of it. */
import { cropsAt, type Dataset } from '../domain/dataset.ts';
import type { Value } from '../domain/graph/value.ts';
import { calibrationImages } from '../domain/quantization/calibration-images.ts';
import { activationsOf, quantizeGraph } from '../domain/quantization/quantize-graph.ts';
import { type Range, widened } from '../domain/quantization/ranges.ts';
import type { VariantName } from '../domain/training-protocol.ts';
import { type TracedModel, writeOnnx } from './export-onnx.ts';
import { openSession } from './ort-session.ts';

const imagesPerRun = 32;

export function variantsOf(
  traced: TracedModel,
  dataset: Dataset,
): Readonly<Record<VariantName, Uint8Array<ArrayBuffer>>> {
  const metadata = { labels: dataset.labels.join(',') };
  return {
    fp32: writeOnnx(traced, { metadata }),
    int8: writeOnnx(quantizeModel(traced, dataset), { metadata, shortNames: true }),
  };
}

function quantizeModel(traced: TracedModel, dataset: Dataset): TracedModel {
  const names = [...traced.outputs.keys()];
  const targets = [...traced.outputs.values()];
  const quantized = quantizeGraph(targets, rangesOf(traced, activationsOf(targets), dataset));
  return { ...traced, outputs: new Map(names.map((name, at) => [name, quantized[at]!])) };
}

/** MinMax over the calibration images, by the float graph itself with the activations as its outputs. */
function rangesOf(
  traced: TracedModel,
  activations: readonly Value[],
  dataset: Dataset,
): ReadonlyMap<Value, Range> {
  const names = activations.map((_, at) => `activation-${at}`);
  const outputs = new Map(names.map((name, at) => [name, activations[at]!]));
  const session = openSession(writeOnnx({ ...traced, outputs }));
  const ranges = new Map<Value, Range>();
  const images = calibrationImages(dataset);
  try {
    for (let from = 0; from < images.length; from += imagesPerRun) {
      const chosen = images.slice(from, from + imagesPerRun);
      const shape = [chosen.length, dataset.inputSize, dataset.inputSize, 3];
      const pixels = { type: 'uint8', shape, data: cropsAt(dataset, chosen) } as const;
      session.run(new Map([['images', pixels]]), names).forEach((numbers, at) => {
        const value = activations[at]!;
        ranges.set(value, widened(ranges.get(value), numbers as Float32Array));
      });
    }
  } finally {
    session.dispose();
  }
  return ranges;
}
