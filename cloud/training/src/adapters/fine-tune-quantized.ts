import type { OnnxBackend } from '@pomona/onnx-backend';
import { openSession, type TracedGraph } from '@pomona/onnx-backend';
import type { Dataset } from '../domain/dataset.ts';
import { trainingImages } from '../domain/quantization/calibration-images.ts';
import type { Calibration } from '../domain/score-calibration.ts';
import type { BuiltModel } from '../use-cases/build-model.ts';
import { canImitate, imitateInBytes, type Said } from '../use-cases/imitate-in-bytes.ts';
import { imageRuns } from './image-runs.ts';
import type { FineTune } from './quantize-model.ts';
import { traceModel } from './trace-model.ts';

const seed = 1;

export interface FineTuning {
  readonly model: BuiltModel;
  readonly calibration: Calibration;
  readonly dataset: Dataset;
}

/**
 * The model as it is after it has learned to say in 8 bits what `fp32` says; undefined where its layers or its dataset do not allow that. Its variables are
 * other ones then.
 */
export function fineTuneQuantized(
  backend: OnnxBackend,
  { model, calibration, dataset }: FineTuning,
  { fp32, highs, outputs }: Parameters<FineTune>[0],
): TracedGraph | undefined {
  const images = trainingImages(dataset);
  if (images.length === 0 || !canImitate(model, highs)) return undefined;
  const said = saidOf(fp32, dataset, images, outputs as (keyof Said)[]);
  imitateInBytes(backend, model, dataset, { images, said, calibration, highs, seed });
  return traceModel(backend, model, calibration);
}

function saidOf(
  fp32: Uint8Array<ArrayBuffer>,
  dataset: Dataset,
  images: readonly number[],
  names: readonly (keyof Said)[],
): Said[] {
  const session = openSession(fp32);
  const said: Said[] = [];
  try {
    for (const feeds of imageRuns(dataset, images)) {
      const count = feeds.get('images')!.shape[0]!;
      const outputs = session.run(feeds, names) as Float32Array[];
      for (let at = 0; at < count; at++) {
        const own = outputs.map((each) =>
          each.slice((at * each.length) / count, ((at + 1) * each.length) / count),
        );
        said.push(Object.fromEntries(names.map((name, output) => [name, own[output]!])) as unknown as Said);
      }
    }
    return said;
  } finally {
    session.dispose();
  }
}
