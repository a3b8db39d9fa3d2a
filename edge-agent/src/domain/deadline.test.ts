import { describe, expect, it } from 'vitest';
import { BeltClock } from './belt-clock.ts';
import { isLate, passageOf, timeUsed } from './deadline.ts';

const line = { viewMm: 576, gateDistanceMm: 300 };

function beltAt(mmPerFrame: number, frames: number, startMm = 0): BeltClock {
  const belt = new BeltClock();
  for (let i = 0; i < frames; i++) belt.observe(startMm + i * mmPerFrame, 1000 + i * 100);
  return belt;
}

describe('the deadline', () => {
  it('is when the belt has carried the fruit to the gate', () => {
    // 300 mm/s; the encoder reads 570 at 2900 ms.
    const passage = passageOf(beltAt(30, 20), -60, line);
    expect(passage.exitMm).toBe(636);
    expect(passage.gateMm).toBe(936);
    expect(passage.dueAtMs).toBeCloseTo(2900 + ((936 - 570) / 300) * 1000, 6);
  });

  it('has passed once the shot could not act in time', () => {
    const passage = { exitMm: 0, gateMm: 300, dueAtMs: 5000 };
    expect(isLate(passage, 4960, 40)).toBe(false);
    expect(isLate(passage, 4961, 40)).toBe(true);
  });

  it('never comes while the belt stands or nothing is known of it', () => {
    expect(passageOf(beltAt(0, 10), 0, line).dueAtMs).toBe(Number.POSITIVE_INFINITY);
    expect(passageOf(beltAt(30, 1), 0, line).dueAtMs).toBe(Number.POSITIVE_INFINITY);
    expect(isLate(passageOf(new BeltClock(), 0, line), 1e12, 40)).toBe(false);
  });

  it('leaves a part of the time, none of it once it has passed', () => {
    const passage = { exitMm: 0, gateMm: 300, dueAtMs: 5000 };
    expect(timeUsed(passage, 3960, 4210, 40)).toBe(0.25);
    expect(timeUsed(passage, 3960, 4960, 40)).toBe(1);
    expect(timeUsed(passage, 3960, 4961, 40)).toBeGreaterThan(1);
    expect(timeUsed(passage, 4960, 4960, 40)).toBe(10);
    expect(timeUsed(passage, 3960, 99_999, 40)).toBe(10);
    expect(timeUsed({ ...passage, dueAtMs: Number.POSITIVE_INFINITY }, 3960, 9999, 40)).toBe(0);
  });

  it('comes earlier at once when the belt speeds up', () => {
    const belt = beltAt(30, 10);
    const before = belt.reachesAtMs(1000);
    belt.observe(270 + 60, 1000 + 10 * 100);
    expect(belt.speedMmPerS()).toBe(600);
    expect(belt.reachesAtMs(1000)).toBeLessThan(before);
  });

  it('is not brought forward by a camera that hitches, and then shows two frames in a moment', () => {
    const belt = beltAt(30, 10);
    belt.observe(300, 1000 + 10 * 100 + 95);
    belt.observe(330, 1000 + 11 * 100);
    expect(belt.speedMmPerS()).toBeLessThanOrEqual(600);
    // From a standstill one step is all there is.
    const resting = beltAt(0, 10);
    resting.observe(60, 2000);
    expect(resting.speedMmPerS()).toBe(600);
  });

  it('starts afresh with an encoder that starts afresh', () => {
    const belt = beltAt(30, 10, 5000);
    belt.observe(0, 3000);
    expect(belt.speedMmPerS()).toBe(0);
    belt.observe(20, 3100);
    expect(belt.speedMmPerS()).toBe(200);
  });

  it('knows when the next reading should have been there', () => {
    const belt = beltAt(30, 10);
    expect(belt.isSilent(1900 + 249)).toBe(false);
    expect(belt.isSilent(1900 + 251)).toBe(true);
    expect(beltAt(30, 2).isSilent(1e9)).toBe(false);
  });
});
