import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binOf, histogramOf, mergeHistograms, quantileEdges } from './histogram.ts';

describe('histograms', () => {
  it('fill their quantile bins about equally', () => {
    const values = Array.from({ length: 1600 }, (_, i) => ((i * 7919) % 1600) / 16);
    const edges = quantileEdges(values);
    expect(edges).toHaveLength(15);
    expect(histogramOf(edges, values)).toEqual(new Array(16).fill(100));
  });

  it('have fewer bins where one value comes often, and lose nothing', () => {
    const values = [...new Array<number>(90).fill(0), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const counts = histogramOf(quantileEdges(values), values);
    expect(counts.length).toBeLessThan(16);
    expect(counts.reduce((a, b) => a + b)).toBe(100);
  });

  it('put a value on an edge into the bin above', () => {
    expect([0, 1, 1.5, 2, 3].map((value) => binOf([1, 2], value))).toEqual([0, 1, 1, 2, 2]);
  });

  it('merge to the histogram of all values', () => {
    const numbers = fc.array(fc.double({ noNaN: true }), { maxLength: 200 });
    fc.assert(
      fc.property(numbers, numbers, (a, b) => {
        const edges = quantileEdges([...a, ...b]);
        expect(mergeHistograms(histogramOf(edges, a), histogramOf(edges, b))).toEqual(
          histogramOf(edges, [...a, ...b]),
        );
      }),
    );
  });
});
