import { expect, it } from 'vitest';
import { bucketOf, countedAtMs } from './rollup.ts';

it('counts a fruit in the ten seconds that it was graded in', () => {
  expect(bucketOf(19_999)).toBe(10_000);
  expect(bucketOf(20_000)).toBe(20_000);
});

it('never counts a fruit later than it arrived, and goes by arrival where the clock is wrong', () => {
  expect(countedAtMs(1_000, 5_000, true)).toBe(1_000);
  expect(countedAtMs(9_000, 5_000, true)).toBe(5_000);
  expect(countedAtMs(1_000, 5_000, false)).toBe(5_000);
});
