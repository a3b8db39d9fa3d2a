import { describe, expect, it } from 'vitest';
import { binOf, mergeHistograms } from './histogram.ts';

describe('histograms', () => {
  it('put a value on an edge into the bin above', () => {
    expect([0, 1, 1.5, 2, 3].map((value) => binOf([1, 2], value))).toEqual([0, 1, 1, 2, 2]);
  });

  it('of different bins do not merge', () => {
    expect(mergeHistograms([1, 2], [3, 4])).toEqual([4, 6]);
    expect(() => mergeHistograms([1, 2], [1, 2, 3])).toThrow(RangeError);
  });
});
