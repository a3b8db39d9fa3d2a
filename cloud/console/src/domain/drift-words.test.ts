import type { DriftSummary, DriftWindowView } from '@pomona/wire';
import { expect, it } from 'vitest';
import { driftVerdict, statisticWords, timesLimit } from './drift-words.ts';

const figure = { counts: [], jensenShannon: 0, beyond: false };
const newest = {
  verdict: 'normal',
  statistics: [
    { ...figure, name: 'luma', psi: 0.6, limit: 0.3, beyond: true },
    { ...figure, name: 'size', psi: 0.1, limit: 0.3 },
  ],
  accuracyAtBaselineMix: { value: 0.7, expected: 0.9, within: 0.1, beyond: true },
} as unknown as DriftWindowView;

function summary(change: Partial<DriftSummary> = {}): DriftSummary {
  const baseline = { windows: 5, needed: 5, complete: true };
  return { station: 'north', release: null, baseline, windowCount: 9, kind: null, newest, ...change };
}

it('says in words what the newest window means', () => {
  expect(driftVerdict(summary()).state).toBe('fine');
  expect(driftVerdict(summary({ newest: null })).state).toBe('empty');
  const baseline = { windows: 3, needed: 5, complete: false };
  expect(driftVerdict(summary({ baseline })).title).toContain('3 of 5 windows');
  expect(driftVerdict(summary({ newest: { ...newest, verdict: 'baseline' } })).state).toBe('learning');
  const look = driftVerdict(summary({ newest: { ...newest, verdict: 'beyond' } }));
  expect([look.state, look.means]).toEqual([
    'look',
    expect.stringContaining('(Brightness, Estimated accuracy)'),
  ]);
});

it('says what kind of drift it is, and what to do', () => {
  const { state, title, todo } = driftVerdict(summary({ kind: 'camera' }));
  expect({ state, title, todo }).toEqual({
    state: 'drift',
    title: 'Camera drift: the picture changed',
    todo: 'Clean the lens and check the lamp.',
  });
});

it('names statistics, also ones that it does not know', () => {
  expect(statisticWords('luma').name).toBe('Brightness');
  expect(statisticWords('size').format(74.25)).toBe('74.3 mm');
  expect(statisticWords('gloss').name).toBe('gloss');
});

it('holds a score against its limit', () => {
  expect(newest.statistics.map(timesLimit)).toEqual([2, expect.closeTo(1 / 3)]);
  expect(timesLimit({ ...figure, name: 'luma', psi: null, limit: null })).toBeNull();
});
