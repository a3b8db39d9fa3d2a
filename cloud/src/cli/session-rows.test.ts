import { expect, test } from 'vitest';
import { firstDayRows, leakRows, pairRows, seedRows, summaryLine } from './session-rows.ts';

const pair = (bad: string, balancedAccuracy: number, auc = balancedAccuracy) => ({
  ...{ good: 'g', bad, images: 10, balancedAccuracy, auc },
});
const baseline = [pair('a', 0.6), pair('b', 0.7)];
const seeds = [
  [pair('a', 0.8), pair('b', 0.97)],
  [pair('a', 0.9), pair('b', 0.99)],
];

const valuesOf = (rows: readonly { name: string; value: number }[]) =>
  Object.fromEntries(rows.map(({ name, value }) => [name, Number(value.toFixed(3))]));

test('gives each pair the mean of its seeds, beside the baseline, and the worst of those means', () => {
  const rows = pairRows(seeds, baseline).filter(({ unit }) => unit === 'balanced accuracy');
  expect(valuesOf(rows)).toEqual({
    'good g, bad a': 0.85,
    'good g, bad b (above 0.95: look for a leak)': 0.98,
    'mean of all pairs': 0.915,
    'worst pair': 0.85,
  });
  expect(rows[0]).toMatchObject({ peer: 'thumbnail and histogram', peerValue: 0.6 });
  expect(rows[3]).toMatchObject({ peerValue: 0.6 });
});

test('gives each seed by itself where there are several', () => {
  expect(seedRows(seeds.slice(1))).toEqual([]);
  expect(valuesOf(seedRows(seeds).filter(({ unit }) => unit === 'AUC'))).toEqual({
    'seed 1: mean of all pairs': 0.885,
    'seed 1: worst pair': 0.8,
    'seed 2: mean of all pairs': 0.945,
    'seed 2: worst pair': 0.9,
  });
});

test('means over the sessions of a first day, and names the worst choice of them', () => {
  const days = [[pair('a', 0.5), pair('a', 0.9)], [pair('b', 0.8)]];
  const rows = firstDayRows('it', days, [[pair('a', 0.5)], [pair('b', 0.6)]]);
  expect(valuesOf(rows.filter(({ unit }) => unit === 'balanced accuracy'))).toEqual({
    'it, calibrated on 60 photographs: mean of all pairs': 0.75,
    'it, calibrated on 60 photographs: worst pair': 0.7,
    'it, calibrated on 60 photographs: worst choice of sessions': 0.5,
  });
});

test('says what would explain a figure that is too good', () => {
  expect(valuesOf(leakRows([pair('a', 0.5), pair('b', 0.6)], 3))).toEqual({
    'leak: near duplicates in two sessions': 3,
    'leak: the outline alone, mean of all pairs': 0.55,
    'leak: the outline alone, good g, bad b': 0.6,
  });
});

test('says a seed in a line', () => {
  expect(summaryLine(baseline)).toBe('balanced accuracy 0.650, worst 0.600; AUC 0.650, worst 0.600');
});
