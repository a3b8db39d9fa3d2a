import type { Network } from '@pomona/catalog';
import { useOnnxBackend } from '@pomona/onnx-backend';
import type { Clock } from '@pomona/wire';
import type { Dataset } from '../domain/dataset.ts';
import type { Calibration } from '../domain/score-calibration.ts';
import type { TrainingEvent } from '../domain/training-protocol.ts';
import { calibrate } from '../use-cases/calibrate.ts';
import { type FinishedModel, finishModel, pause } from './finish-model.ts';

export interface CalibrateOnceOptions {
  readonly dataset: Dataset;
  readonly network: Network;
  /** The weights file of the model, and the calibration that it had. */
  readonly weights: Uint8Array;
  readonly before: Calibration;
  /** Of the model, in its order. */
  readonly labels: readonly string[];
  readonly clock: Clock;
  readonly report?: (event: TrainingEvent) => void;
}

/** A whole calibration on the ONNX backend, from weights to files. Writes nothing. */
export async function calibrateOnce(options: CalibrateOnceOptions): Promise<FinishedModel> {
  const { clock, report = () => {}, ...job } = options;
  const backend = await useOnnxBackend();
  const calibrated = await calibrate(job, { engine: backend, clock, report, pause });
  const { model, dataset, cases, fitted, evaluation } = calibrated;
  return finishModel(backend, {
    ...{ model, calibration: fitted, dataset, cases, clock },
    facts: {
      ...{ calibration: fitted, evaluation, validation: calibrated.onFitted },
      ...{ seed: 0, viewsPerFruit: dataset.viewsPerFruit, parameters: {} },
      ...{ imagesPerSecond: 0, epochs: 0, bestEpoch: 0, durationMs: calibrated.durationMs },
    },
  });
}
