import type { SampleView } from '@pomona/wire';
import { expect, it } from 'vitest';
import { nothingSaid, type Standing } from '../../domain/label-standing.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { labelByTruth } from './label-by-truth.ts';

const boot = '0123456789abcdef';

function sample(id: number, fruit: Partial<SampleView['fruit']>): SampleView {
  const labels = ['good', 'ok', 'bad'];
  const whole = { boot, seq: id, lane: 0, grade: 'good', positionMm: 100, ...fruit };
  return { id, labels, fruit: whole, label: null } as Partial<SampleView> as SampleView;
}

it('gives each sample the grade of the fruit that was there, and none where that is not known', async () => {
  const samples = [
    sample(1, { positionMm: 104 }),
    sample(2, { positionMm: 231, lane: 1 }),
    sample(3, { positionMm: 231 }),
    sample(4, { positionMm: null }),
    sample(5, { boot: 'fedcba9876543210' }),
  ];
  const given: unknown[] = [];
  const store = {
    list: async () => samples,
    find: async (id: number) => samples.find((each) => each.id === id),
    say: async (id: number, say: (standing: Standing) => unknown) => void given.push([id, say(nothingSaid)]),
  };
  const truth = [
    { lane: 0, positionMm: 100, grade: 'bad', clear: true },
    { lane: 1, positionMm: 240, grade: 'ok', clear: false },
  ];
  const clock = new ManualClock();
  expect(await labelByTruth(store, clock, { station: 'camera-1', boot, truth })).toBe(2);
  const said = { kind: 'label', source: 'scenario-truth', actor: 'truth', atMs: clock.nowMs() };
  expect(given).toEqual([
    [1, { ...said, label: 'bad' }],
    [2, { ...said, label: 'ok' }],
  ]);
});
