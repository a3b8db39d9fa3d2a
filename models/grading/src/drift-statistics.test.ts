import { describe, expect, it } from 'vitest';
import { type CountedStatistic, DriftCounter, driftStatisticTable, entropyOf } from './drift-statistics.ts';
import { binCount, mergeHistograms } from './histogram.ts';

const all = (value: number) =>
  Object.fromEntries(driftStatisticTable.map(({ name }) => [name, value])) as Record<
    CountedStatistic,
    number
  >;

describe('the table of drift statistics', () => {
  it.each(driftStatisticTable.map(({ name, edges }) => [name, edges] as const))(
    'has ascending edges of as many bins for %s',
    (_, edges) => {
      expect(edges).toHaveLength(binCount - 1);
      expect(edges.every((edge, k) => k === 0 || edge > edges[k - 1]!)).toBe(true);
    },
  );
});

describe('a drift counter', () => {
  it('counts every fruit once per statistic, also beyond the ends, and adds up', () => {
    const values = [Number.NEGATIVE_INFINITY, -1e9, 0, 0.5, 64, 70, 1e9];
    const [one, other, both] = [new DriftCounter(), new DriftCounter(), new DriftCounter()];
    values.forEach((value, i) => {
      (i % 2 === 0 ? one : other).add(all(value));
      both.add(all(value));
    });
    const sums = one.histograms().map(({ name, counts }, k) => ({
      name,
      counts: mergeHistograms(counts, other.histograms()[k]!.counts),
    }));
    expect(sums).toEqual(both.histograms());
    for (const { counts } of sums) expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
  });
});

it('entropy is nothing of a certain fruit, and most when all is as likely', () => {
  expect(entropyOf([1, 0, 0])).toBe(0);
  expect(entropyOf([1 / 3, 1 / 3, 1 / 3])).toBeCloseTo(Math.log(3), 12);
});
