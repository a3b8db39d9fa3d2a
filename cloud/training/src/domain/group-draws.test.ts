import { seededRandom } from '@pomona/wire';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Case } from './cases.ts';
import { classWeightsOf } from './class-weights.ts';
import { drawnCases, drawsOfCases } from './group-draws.ts';

/** Groups of these sizes. */
const casesOf = (...sizes: readonly number[]): Case[] =>
  sizes.flatMap((size, group) =>
    Array.from({ length: size }, (_, at) => ({
      images: [1000 * group + at],
      label: group % 2,
      group: `g${group}`,
    })),
  );
const countsOf = (drawn: readonly Case[]) => {
  const counts = new Map<Case, number>();
  for (const each of drawn) counts.set(each, (counts.get(each) ?? 0) + 1);
  return counts;
};

test('draws each case once without balance, and where groups are of one size', () => {
  for (const [cases, balance] of [
    [casesOf(7, 2), 0],
    [casesOf(1, 1, 1, 1), 1],
  ] as const) {
    expect(new Set(drawnCases(cases, balance, seededRandom(1)))).toEqual(new Set(cases));
    expect(drawnCases(cases, balance, seededRandom(1))).toHaveLength(cases.length);
  }
});

test('draws from every group as often with full balance', () => {
  const cases = casesOf(90, 9, 1);
  const drawn = drawnCases(cases, 1, seededRandom(4));
  const ofGroup = (group: string) => drawn.filter((each) => each.group === group).length;
  for (const group of ['g0', 'g1', 'g2']) expect(Math.abs(ofGroup(group) - 100 / 3)).toBeLessThan(1);
});

test('draws as many as there are, each within one of what is expected, the same from the same seed', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(sizes, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(1_000), (groups, balance, seed) => {
      const cases = casesOf(...groups);
      const drawn = drawnCases(cases, balance, seededRandom(seed));
      expect(drawn).toHaveLength(cases.length);
      expect(drawnCases(cases, balance, seededRandom(seed))).toEqual(drawn);
      const counts = countsOf(drawn);
      drawsOfCases(cases, balance).forEach((expected, at) => {
        expect(Math.abs((counts.get(cases[at]!) ?? 0) - expected)).toBeLessThan(1.000_001);
      });
    }),
  );
});

test('weighs classes by what is drawn of them', () => {
  const cases = casesOf(90, 10);
  const [large, small] = classWeightsOf(cases, 2, 1, drawsOfCases(cases, 1));
  expect(large).toBeCloseTo(small!);
  const [often, seldom] = classWeightsOf(cases, 2, 1);
  expect(seldom! / often!).toBeCloseTo(9);
});
