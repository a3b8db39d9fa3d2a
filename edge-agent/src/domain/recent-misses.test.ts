import { expect, it } from 'vitest';
import { RecentMisses } from './recent-misses.ts';

it('shots that were missed are recent for ten minutes', () => {
  const misses = new RecentMisses();
  const at = (s: number, late: number, failed = 0) => misses.of({ late, failed }, 1_000 * s);
  expect(at(0, 0)).toEqual({ late: 0, failed: 0 });
  for (let s = 1; s <= 60; s++) expect(at(s, s, 1)).toEqual({ late: s, failed: 1 });
  for (let s = 61; s < 595; s++) expect(at(s, 60, 1)).toEqual({ late: 60, failed: 1 });
  for (let s = 595; s <= 680; s++) at(s, 60, 1);
  expect(at(681, 60, 1)).toEqual({ late: 0, failed: 0 });
  expect(at(682, 62, 1)).toEqual({ late: 2, failed: 0 });
});
