import { expect, it } from 'vitest';
import { LineTally } from './line-tally.ts';

it('counts grades since the start and in the lot, and apart what was paused, late or hardly seen', () => {
  const tally = new LineTally(1_000);
  const outcomes = ['graded', 'graded', 'late', 'unseen', 'paused'] as const;
  for (const [i, outcome] of outcomes.entries()) tally.count(i === 0 ? 'good' : 'bad', outcome, 2_000 + i);
  tally.beginLot(10_000);
  tally.count('good', 'graded', 11_000);
  expect(tally.sinceStart(61_000)).toEqual({
    ...{ forMs: 60_000, fruits: 6, late: 1, unseen: 1, paused: 1 },
    grades: [
      { grade: 'good', count: 2 },
      { grade: 'bad', count: 3 },
    ],
  });
  expect(tally.ofLot(61_000)).toEqual({
    ...{ forMs: 51_000, fruits: 1, late: 0, unseen: 0, paused: 0 },
    grades: [{ grade: 'good', count: 1 }],
  });
  expect(tally.fruitsPerMinute(31_000)).toBe(12);
  expect(tally.fruitsPerMinute(70_999)).toBe(1);
});
