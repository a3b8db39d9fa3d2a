import type { Case } from './cases.ts';

/**
 * What a case of each label counts in the loss; the mean over all cases is 1. With `balance` 1 every label counts the
 * same in sum, with 0 every case does. A label without cases gets 0.
 * `draws` says how often a case is seen.
 */
export function classWeightsOf(
  cases: readonly Case[],
  labelCount: number,
  balance: number,
  draws: readonly number[] = cases.map(() => 1),
): number[] {
  const counts = new Array<number>(labelCount).fill(0);
  cases.forEach(({ label }, at) => {
    counts[label]! += draws[at]!;
  });
  const raw = counts.map((count) => (count === 0 ? 0 : count ** -balance));
  const total = counts.reduce((sum, count, label) => sum + count * raw[label]!, 0);
  return raw.map((weight) => (weight * cases.length) / total);
}
