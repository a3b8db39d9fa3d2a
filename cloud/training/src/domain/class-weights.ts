import type { Case } from './cases.ts';

/**
 * What a case of each label counts in the loss; the mean over all cases is 1. With `balance` 1 every label counts the
 * same in sum, with 0 every case does. A label without cases gets 0.
 */
export function classWeightsOf(cases: readonly Case[], labelCount: number, balance: number): number[] {
  const counts = new Array<number>(labelCount).fill(0);
  for (const { label } of cases) counts[label]!++;
  const raw = counts.map((count) => (count === 0 ? 0 : count ** -balance));
  const total = counts.reduce((sum, count, label) => sum + count * raw[label]!, 0);
  return raw.map((weight) => (weight * cases.length) / total);
}
