import { describe, expect, it } from 'vitest';
import { recentChart } from './recent-chart.ts';

const recent = [
  { at: '2026-03-01T10:00:00.000Z', grades: [{ grade: 'good', count: 4 }] },
  {
    at: '2026-03-01T10:00:20.000Z',
    grades: [
      { grade: 'good', count: 3 },
      { grade: 'bad', count: 2 },
    ],
  },
];

describe('recentChart', () => {
  it('covers five minutes with zeros where nothing passed', () => {
    const chart = recentChart(recent, ['good', 'bad'], Date.parse('2026-03-01T10:00:47.000Z'));
    expect(chart.startS).toHaveLength(30);
    expect(chart.startS.at(-1)).toBe(Date.parse('2026-03-01T10:00:40.000Z') / 1000);
    expect(chart.counts[0]?.slice(-5)).toEqual([4, 0, 3, 0, 0]);
    expect(chart.counts[1]?.slice(-5)).toEqual([0, 0, 2, 0, 0]);
  });

  it('stacks each grade on those before it', () => {
    const chart = recentChart(recent, ['good', 'bad'], Date.parse('2026-03-01T10:00:29.000Z'));
    expect(chart.stacked.map((row) => row.slice(-3))).toEqual([
      [4, 0, 3],
      [4, 0, 5],
    ]);
  });

  it('is empty, not broken, without any fruit', () => {
    const chart = recentChart([], [], Date.parse('2026-03-01T10:00:29.000Z'));
    expect(chart.startS.at(-1)).toBe(Date.parse('2026-03-01T10:00:20.000Z') / 1000);
    expect(chart.counts).toEqual([]);
  });
});
