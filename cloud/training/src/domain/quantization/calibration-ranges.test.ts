import { expect, test } from 'vitest';
import { addCounts, emptyCounts, rangeBy } from './calibration-ranges.ts';

/** Values evenly from 0 to 1, and one far away. */
function withOutlier(outlier: number) {
  const values = Float32Array.from({ length: 20_001 }, (_, at) => (at === 20_000 ? outlier : at / 20_000));
  const counts = emptyCounts({ min: 0, max: outlier });
  addCounts(counts, values);
  return counts;
}

test('MinMax keeps the outlier, percentile and entropy cut it off and keep the rest', () => {
  const counts = withOutlier(4);
  expect(rangeBy('minmax', counts)).toEqual({ min: 0, max: 4 });
  for (const method of ['percentile', 'entropy'] as const) {
    const { min, max } = rangeBy(method, counts);
    expect(min).toBe(0);
    expect(max).toBeGreaterThan(0.95);
    expect(max).toBeLessThan(1.2);
  }
});

test('nothing is cut off where values are spread evenly', () => {
  const counts = emptyCounts({ min: 0, max: 1 });
  addCounts(
    counts,
    Float32Array.from({ length: 50_000 }, (_, at) => at / 50_000),
  );
  for (const method of ['minmax', 'percentile', 'entropy'] as const)
    expect(rangeBy(method, counts).max).toBeGreaterThan(0.98);
});

test('an activation that was always 0 has a range all the same, and 0 is in every one', () => {
  const zeros = emptyCounts({ min: 0, max: 0 });
  addCounts(zeros, new Float32Array(100));
  const negative = emptyCounts({ min: -2, max: 0 });
  addCounts(
    negative,
    Float32Array.from({ length: 1_000 }, (_, at) => -2 + at / 500),
  );
  for (const method of ['minmax', 'percentile', 'entropy'] as const) {
    expect(rangeBy(method, zeros)).toEqual({ min: 0, max: 0 });
    const { min, max } = rangeBy(method, negative);
    expect(min).toBeLessThan(-1.9);
    expect(max).toBeGreaterThanOrEqual(0);
  }
});
