import { expect, test } from 'vitest';
import { addCounts, emptyCounts, rangeBy, rangeMethods } from './calibration-ranges.ts';

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
  for (const method of rangeMethods) expect(rangeBy(method, counts).max).toBeGreaterThan(0.98);
});

test('an activation that was always 0 has a range all the same, and 0 is in every one', () => {
  const zeros = emptyCounts({ min: 0, max: 0 });
  addCounts(zeros, new Float32Array(100));
  const negative = emptyCounts({ min: -2, max: 0 });
  addCounts(
    negative,
    Float32Array.from({ length: 1_000 }, (_, at) => -2 + at / 500),
  );
  for (const method of rangeMethods) {
    expect(rangeBy(method, zeros)).toEqual({ min: 0, max: 0 });
    const { min, max } = rangeBy(method, negative);
    expect(min).toBeLessThan(-1.9);
    expect(max).toBeGreaterThanOrEqual(0);
  }
});

/** Half a bell above 0 (Rayleigh's), which gets thin far out, and zeros beside it. */
function bell(zeros: number) {
  const values = Float32Array.from({ length: 40_000 }, (_, at) =>
    Math.sqrt(-2 * Math.log((at + 0.5) / 40_000)),
  );
  const counts = emptyCounts({ min: 0, max: Math.max(...values) });
  addCounts(counts, values);
  addCounts(counts, new Float32Array(zeros));
  return { values, counts };
}

test('the zeros of a ReLU say nothing about where entropy cuts off', () => {
  const few = rangeBy('entropy', bell(0).counts);
  const many = rangeBy('entropy', bell(4_000_000).counts);
  expect(many.max).toBeCloseTo(few.max, 1);
  expect(many.max).toBeGreaterThan(2);
});

test('no other end has a smaller mean square of rounding and cutting off than that by squared error', () => {
  const { values, counts } = bell(20_000);
  const lossOf = (high: number): number => {
    const step = high / 255;
    return values.reduce(
      (sum, each) => sum + (Math.round(Math.min(each, high) / step) * step - each) ** 2,
      0,
    );
  };
  const { max } = rangeBy('squared-error', counts);
  expect(max).toBeLessThan(counts.max);
  for (const method of ['minmax', 'percentile', 'entropy'] as const)
    expect(lossOf(max)).toBeLessThanOrEqual(lossOf(rangeBy(method, counts).max) * 1.02);
});
