import { tidy } from '@tensorflow/tfjs-core';
import type { Calibration } from '../domain/score-calibration.ts';
import type { GoldenViews } from '../domain/training-protocol.ts';
import type { BuiltModel } from '../use-cases/build-model.ts';
import { calibratedProbabilities } from '../use-cases/calibrated-probabilities.ts';
import type { Engine } from '../use-cases/engine.ts';
import type { GoldenCrops } from './golden-views.ts';

/** What the trainer itself says about the crops, by the graph that it trains with: float32 [n · labels]. */
export function trainerProbabilities(
  engine: Engine,
  model: BuiltModel,
  calibration: Calibration,
  { pixels, shape }: Pick<GoldenCrops, 'pixels' | 'shape'>,
): Float32Array {
  return tidy(() => {
    const { logits } = model.forward(engine.images(pixels, shape));
    return calibratedProbabilities(logits, calibration).dataSync() as Float32Array;
  });
}

/** The largest difference of a probability; one that is no number is as far away as can be. */
export function exportDifferenceOf(trainer: Float32Array, { views }: GoldenViews): number {
  const exported = views.flatMap(({ probabilities }) => probabilities);
  if (exported.length !== trainer.length) return 1;
  const largest = Math.max(...exported.map((value, at) => Math.abs(value - trainer[at]!)));
  return Number.isNaN(largest) ? 1 : largest;
}
