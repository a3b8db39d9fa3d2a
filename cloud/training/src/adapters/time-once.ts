import type { Network } from '@pomona/catalog';
import { openSession, useOnnxBackend } from '@pomona/onnx-backend';
import type { Clock } from '@pomona/wire';
import type { Dataset } from '../domain/dataset.ts';
import { uncalibrated } from '../domain/score-calibration.ts';
import { buildModel } from '../use-cases/build-model.ts';
import { raceMs, viewsPerTurn } from './evaluate-variants.ts';
import { exportOnnx } from './trace-model.ts';

/** Milliseconds of a view by the fp32 file of a network that learned nothing, on one thread: what it says takes no part in that. */
export async function timeOnce(
  { inputSize, labels, ...dataset }: Dataset,
  network: Network,
  clock: Clock,
): Promise<number> {
  const backend = await useOnnxBackend();
  const model = buildModel(network, inputSize, labels.length, 1);
  const file = exportOnnx(backend, model, { calibration: uncalibrated });
  model.dispose();
  const session = openSession(file, { threads: 1 });
  try {
    return raceMs([session], { ...dataset, inputSize, labels }, clock, viewsPerTurn)[0]!;
  } finally {
    session.dispose();
  }
}
