import { type Random, shuffled } from '@pomona/wire';
import type { Case } from './cases.ts';
import { groupBy } from './group-by.ts';

/**
 * How often each case is drawn in an epoch, on the mean, so that there are as many draws as cases. With `balance` 0 once; with 1
 * every group is drawn as often in sum, so that a session with a few photographs teaches as much as one with many.
 */
export function drawsOfCases(cases: readonly Case[], balance: number): number[] {
  const sizes = groupBy(cases, ({ group }) => group);
  const weights = cases.map(({ group }) => sizes.get(group)!.length ** -balance);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => (weight * cases.length) / total);
}

/** The cases of an epoch in random order: each, and each group, as often as is expected of it, up to less than one more or less. */
export function drawnCases(cases: readonly Case[], balance: number, random: Random): Case[] {
  const mixed = shuffled(cases, random);
  if (balance === 0) return mixed;
  // Groups in a row, so that what is expected holds for each of them too.
  const order = [...groupBy(mixed, ({ group }) => group).values()].flat();
  const draws = drawsOfCases(order, balance);
  const drawn: Case[] = [];
  // Systematic sampling: a comb with teeth one apart, laid over the cases at a random place.
  let reached = 1 - random.next();
  order.forEach((each, at) => {
    reached += draws[at]!;
    while (drawn.length + 1 <= reached && drawn.length < cases.length) drawn.push(each);
  });
  return shuffled(drawn, random);
}
