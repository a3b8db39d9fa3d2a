import { describe, expect, it } from 'vitest';
import { BeltTravel } from './belt-travel.ts';

/** A pulse a millimetre from `fromMs` on, at so many millimetres a second. */
function run(travel: BeltTravel, mmPerS: number, fromMs: number, fromMm: number, pulses: number): void {
  for (let i = 0; i < pulses; i++) travel.read(fromMm + i, fromMs + (i * 1000) / mmPerS);
}

describe('the travel of a belt with an encoder', () => {
  it('lies between two readings in proportion, whatever the belt did before', () => {
    const travel = new BeltTravel(0);
    travel.read(0, 1_000);
    const startMm = travel.travelAt(1_000);
    run(travel, 250, 2_000, 1, 20);
    expect(travel.travelAt(2_002) - startMm).toBeCloseTo(1.5);
    expect(travel.travelAt(2_010) - startMm).toBeCloseTo(3.5);
  });

  it('goes on by one step after the newest reading, and no further', () => {
    const travel = new BeltTravel(0);
    run(travel, 100, 1_000, 0, 10);
    const newestMm = travel.newest()!.travelMm;
    expect(travel.travelAt(1_095) - newestMm).toBeCloseTo(0.5);
    expect(travel.travelAt(1_100) - newestMm).toBeCloseTo(1);
    expect(travel.travelAt(9_000) - newestMm).toBeCloseTo(1);
    travel.read(10, 9_100);
    expect(travel.travelAt(9_050) - newestMm).toBeCloseTo(1);
  });

  it('follows a belt that runs backwards', () => {
    const travel = new BeltTravel(0);
    run(travel, 100, 1_000, 0, 10);
    const farMm = travel.travelAt(1_090);
    for (let i = 1; i <= 8; i++) travel.read(9 - i, 1_090 + 10 * i);
    expect(travel.travelAt(1_170) - farMm).toBeCloseTo(-8);
  });

  it('stands while the encoder is away, and counts anew from far below when it is back', () => {
    const travel = new BeltTravel(0);
    expect(travel.travelAt(10)).toBe(0);
    run(travel, 100, 1_000, 0, 10);
    expect([travel.epoch, travel.isThere]).toEqual([1, true]);
    travel.lost(1_100);
    const lastMm = travel.travelAt(1_110);
    expect(travel.travelAt(5_000)).toBe(lastMm);
    expect([travel.isAway(2_000), travel.isAway(2_200)]).toEqual([false, true]);
    travel.read(10, 5_100);
    expect([travel.epoch, travel.isAway(9_000)]).toEqual([2, false]);
    expect(travel.travelAt(5_100)).toBeLessThan(lastMm - 500);
  });

  it('counts anew after a step that no belt makes', () => {
    const travel = new BeltTravel(0);
    run(travel, 1_000, 1_000, 50_000, 100);
    expect(travel.epoch).toBe(1);
    const before = travel.travelAt(1_099);
    travel.read(0, 1_100);
    expect(travel.epoch).toBe(2);
    expect(travel.travelAt(1_100)).toBeLessThan(before - 500);
  });

  it('keeps no more readings than it looks back to', () => {
    const travel = new BeltTravel(0);
    run(travel, 1_000, 1_000, 0, 1_000);
    const newestMm = travel.newest()!.travelMm;
    expect(newestMm - travel.travelAt(1_000)).toBeCloseTo(63);
    expect(newestMm - travel.travelAt(1_949)).toBeCloseTo(50);
  });
});
