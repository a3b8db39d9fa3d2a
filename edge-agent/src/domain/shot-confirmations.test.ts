import { expect, it } from 'vitest';
import type { GateOutput } from './gate-schedule.ts';
import { ShotConfirmations } from './shot-confirmations.ts';

const output: GateOutput = { gate: 1, lagMs: 20, pulseMs: 80, confirm: { withinMs: 300 } };

it('confirms the oldest shot that waits, and gives up those whose time is over', () => {
  const shots = new ShotConfirmations([output]);
  shots.given(0, 1_000);
  shots.given(0, 1_050);
  shots.seen(0, 1_200);
  expect(shots.counts).toEqual({ confirmed: 1, unconfirmed: 0, unconfirmedInARow: 0 });
  shots.step(1_430);
  expect(shots.counts?.unconfirmed).toBe(0);
  shots.step(1_431);
  expect(shots.counts).toEqual({ confirmed: 1, unconfirmed: 1, unconfirmedInARow: 1 });
  shots.seen(0, 1_432);
  expect(shots.counts).toEqual({ confirmed: 1, unconfirmed: 1, unconfirmedInARow: 1 });
});

it('takes no sighting before the outlet opened for its shot, and none too late', () => {
  const shots = new ShotConfirmations([output]);
  shots.given(0, 1_000);
  shots.seen(0, 999);
  shots.seen(0, 1_381);
  expect(shots.counts).toEqual({ confirmed: 0, unconfirmed: 1, unconfirmedInARow: 1 });
});

it('counts what is missing in a row by outlet, until one is confirmed', () => {
  const shots = new ShotConfirmations([output, { ...output, gate: 2 }, { gate: 3, lagMs: 1, pulseMs: 5 }]);
  for (let i = 0; i < 3; i++) {
    for (const each of [0, 1, 2]) shots.given(each, i * 1_000);
    shots.seen(1, i * 1_000 + 50);
  }
  shots.step(10_000);
  expect(shots.counts).toEqual({ confirmed: 3, unconfirmed: 3, unconfirmedInARow: 3 });
  shots.given(0, 11_000);
  shots.seen(0, 11_100);
  expect(shots.counts?.unconfirmedInARow).toBe(0);
});

it('judges nothing that it could not see, and keeps no more than fits', () => {
  const shots = new ShotConfirmations([output]);
  shots.given(0, 1_000);
  shots.forget();
  shots.step(9_000);
  expect(shots.counts?.unconfirmed).toBe(0);
  for (let i = 0; i < 70; i++) shots.given(0, 20_000);
  expect(shots.counts?.unconfirmed).toBe(6);
  expect(new ShotConfirmations([{ gate: 1, lagMs: 0, pulseMs: 5 }]).counts).toBeUndefined();
});
