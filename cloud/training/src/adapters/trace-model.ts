/** A network of the catalog as the graph that its file holds. */
import {
  type ExportSettings,
  NotExportable,
  type OnnxBackend,
  type TracedGraph,
  traceGraph,
  writeOnnx,
} from '@pomona/onnx-backend';
import { sigmoid } from '@tensorflow/tfjs-core';
import { trainingError } from '../domain/errors.ts';
import type { Calibration } from '../domain/score-calibration.ts';
import type { BuiltModel } from '../use-cases/build-model.ts';
import { calibratedProbabilities } from '../use-cases/calibrated-probabilities.ts';

export interface ExportOptions extends Pick<ExportSettings, 'metadata'> {
  readonly calibration: Calibration;
}

/**
 * `images` uint8 [n, S, S, 3] → `probabilities` float32 [n, labels] (softmax of the calibrated logits) and `embedding`
 * float32 [n, features], and `defect` float32 [n, cells, cells, 2] where the network has a map. Throws `not-exportable`.
 */
export function traceModel(backend: OnnxBackend, model: BuiltModel, calibration: Calibration): TracedGraph {
  const { inputSize, network } = model;
  return orNotExportable(() =>
    traceGraph(backend, network.name, { height: inputSize, width: inputSize, channels: 3 }, (images) => {
      const { logits, embedding, defectLogits } = model.forward(images);
      return {
        probabilities: calibratedProbabilities(logits, calibration),
        embedding,
        ...(defectLogits === undefined ? {} : { defect: sigmoid(defectLogits) }),
      };
    }),
  );
}

/** The bytes of an ONNX file of opset 17. Throws `not-exportable`. */
export function exportOnnx(
  backend: OnnxBackend,
  model: BuiltModel,
  { calibration, metadata }: ExportOptions,
): Uint8Array<ArrayBuffer> {
  const traced = traceModel(backend, model, calibration);
  return orNotExportable(() => writeOnnx(traced, { metadata }));
}

function orNotExportable<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof NotExportable)) throw error;
    throw trainingError('not-exportable', `the network cannot be exported: ${error.message}`, error);
  }
}
