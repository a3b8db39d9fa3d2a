import { expect, it } from 'vitest';
import { seqRanges } from './seq-ranges.ts';

it('covers exactly the numbers, whatever their order and however often they come', () => {
  expect(seqRanges([])).toEqual([]);
  expect(seqRanges([7])).toEqual([[7, 7]]);
  expect(seqRanges([5, 3, 4, 3, 9, 5, 11, 10])).toEqual([
    [3, 5],
    [9, 11],
  ]);
});
