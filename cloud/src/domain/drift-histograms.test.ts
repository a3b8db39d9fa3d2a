import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addCounts, jensenShannonOf, psiOf, quantileOf, sumOf } from './drift-histograms.ts';

const histogram = fc
  .array(fc.nat({ max: 500 }), { minLength: 4, maxLength: 4 })
  .filter((counts) => sumOf(counts) > 0);

describe('two histograms', () => {
  it('are as far from each other as back, and the same ones are not apart', () => {
    fc.assert(
      fc.property(histogram, histogram, (a, b) => {
        expect(psiOf(a, b)).toBeCloseTo(psiOf(b, a), 9);
        expect(psiOf(a, b)).toBeGreaterThanOrEqual(-1e-12);
        expect(psiOf(a, a)).toBeCloseTo(0, 9);
        expect(jensenShannonOf(a, b)).toBeCloseTo(jensenShannonOf(b, a), 9);
        expect(jensenShannonOf(a, b)).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });

  it('of the same shares are not apart however many bins are empty in both', () => {
    const padded = (count: number) => [count, count, ...new Array<number>(14).fill(0)];
    expect(psiOf(padded(50), padded(1_000))).toBeCloseTo(0, 9);
  });

  it('without a bin in common are one bit apart', () => {
    expect(jensenShannonOf([5, 0], [0, 9])).toBe(1);
    expect(psiOf([5, 0], [0, 9])).toBeGreaterThan(1);
  });

  it('has a known value', () => {
    // 0.3 ln(0.8/0.5) + -0.3 ln(0.2/0.5), and next to nothing is added to such large counts.
    expect(psiOf([50_000, 50_000], [80_000, 20_000])).toBeCloseTo(
      0.3 * Math.log(1.6) - 0.3 * Math.log(0.4),
      4,
    );
  });

  it('add up bin by bin, and nothing counted says nothing', () => {
    expect(
      addCounts([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    ).toEqual([9, 12]);
    expect([psiOf([0, 0], [3, 1]), jensenShannonOf([0, 0], [1, 1])]).toEqual([0, 0]);
  });
});

describe('a quantile of counts', () => {
  it('lies inside its bin, and in an open bin inside one of its neighbour’s width', () => {
    expect(quantileOf([10, 20, 30], [0, 4, 0, 0], 0.5)).toBe(15);
    expect(quantileOf([10, 20, 30], [2, 0, 0, 2], 0.25)).toBe(5);
    expect(quantileOf([10, 20, 30], [2, 0, 0, 2], 1)).toBe(40);
    expect(quantileOf([10, 20, 30], [0, 0, 0, 0], 0.5)).toBe(0);
  });
});
