import { expect, test } from 'vitest';
import { rankingOf } from './ranking.ts';

test('is 1 where all of the class stand above the others, and chance where scores say nothing', () => {
  expect(rankingOf([3, 2, 1], [true, true, false])).toEqual({ auc: 1, averagePrecision: 1 });
  expect(rankingOf([1, 1, 1, 1], [true, false, false, false])).toEqual({ auc: 0.5, averagePrecision: 0.25 });
  expect(rankingOf([1, 2, 3], [true, false, false])).toEqual({ auc: 0, averagePrecision: 1 / 3 });
});

test('counts ties half', () => {
  // Against 0.9 and 0.5: won, lost and tied, won.
  const { auc, averagePrecision } = rankingOf([0.9, 0.5, 0.7, 0.5], [true, true, false, false])!;
  expect(auc).toBe((2 + 0.5) / 4);
  expect(averagePrecision).toBeCloseTo((1 + 2 / 4) / 2);
});

test('has no answer with one side alone', () => {
  expect(rankingOf([1, 2], [true, true])).toBeUndefined();
  expect(rankingOf([], [])).toBeUndefined();
});
