import { logSoftmax } from './softmax.ts';

export interface Judged {
  readonly logits: readonly number[];
  readonly label: number;
}

/**
 * The temperature that makes the probabilities of `cases` as honest as one number can (Guo et al. 2017, section 4.2):
 * it minimises their mean negative log-likelihood. Golden-section search over its logarithm, which is convex enough.
 */
export function fittedTemperature(cases: readonly Judged[]): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let low = Math.log(0.05);
  let high = Math.log(20);
  for (let round = 0; round < 60; round++) {
    const a = high - golden * (high - low);
    const b = low + golden * (high - low);
    if (meanLoss(cases, Math.exp(a)) < meanLoss(cases, Math.exp(b))) high = b;
    else low = a;
  }
  return Math.exp((low + high) / 2);
}

export function meanLoss(cases: readonly Judged[], temperature = 1): number {
  let sum = 0;
  for (const { logits, label } of cases) sum -= logSoftmax(logits, temperature)[label]!;
  return sum / cases.length;
}
