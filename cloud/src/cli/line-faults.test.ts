import { expect, it } from 'vitest';
import { LineFaults } from './line-faults.ts';

it('lets each fault befall the line once, at its time, and none at the very end', () => {
  const faults = new LineFaults({ flapS: 20, killCameraS: 30, swaps: 1 }, 60_000);
  expect(faults.due(19_999)).toEqual([]);
  expect(faults.due(20_000)).toEqual(['network away']);
  expect(faults.due(35_000)).toEqual(['camera killed', 'release swapped']);
  expect(faults.due(90_000)).toEqual(['network away']);
  expect(Object.fromEntries(faults.counts)).toEqual({
    'network away': 2,
    'camera killed': 1,
    'release swapped': 1,
  });
});
