import { expect, it } from 'vitest';
import { quantile, RecentValues } from './recent-values.ts';

it('forgets what is older than the window', () => {
  const recent = new RecentValues(10_000, 100);
  recent.add(0, 99);
  recent.add(5_000, 3);
  recent.add(9_000, 1);
  expect([...recent.sorted(10_000)]).toEqual([1, 3]);
  expect([...recent.sorted(30_000)]).toEqual([]);
});

it('keeps the newest when there are more than fit', () => {
  const recent = new RecentValues(10_000, 4);
  for (let i = 0; i < 10; i++) recent.add(i, i);
  expect([...recent.sorted(10)]).toEqual([6, 7, 8, 9]);
});

it('takes quantiles by nearest rank', () => {
  const values = Array.from({ length: 100 }, (_, i) => i + 1);
  expect(quantile(values, 0.5)).toBe(50);
  expect(quantile(values, 0.99)).toBe(99);
  expect(quantile([7], 0.99)).toBe(7);
  expect(quantile([], 0.5)).toBe(0);
});
