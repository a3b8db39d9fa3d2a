import { add, mul, softmax, type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { Calibration } from '../domain/score-calibration.ts';

/** Of logits [n, labels], in the graph that is exported as in the trainer's own. */
export function calibratedProbabilities(logits: Tensor, calibration: Calibration): Tensor {
  return softmax(calibratedLogits(logits, calibration));
}

export function calibratedLogits(logits: Tensor, { scale, shift }: Calibration): Tensor {
  const scaled = mul(logits, scale);
  return shift.some((each) => each !== 0) ? add(scaled, tensor([...shift], [shift.length])) : scaled;
}
