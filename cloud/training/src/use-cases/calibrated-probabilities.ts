import { add, mul, softmax, type Tensor, tensor } from '@tensorflow/tfjs-core';
import type { Calibration } from '../domain/score-calibration.ts';

/** Of logits [n, labels], in the graph that is exported as in the trainer's own. */
export function calibratedProbabilities(logits: Tensor, { scale, shift }: Calibration): Tensor {
  const scaled = mul(logits, scale);
  return softmax(shift.some((each) => each !== 0) ? add(scaled, tensor([...shift], [shift.length])) : scaled);
}
