import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Shot } from './gate.ts';
import { type GateOutput, GateSchedule } from './gate-schedule.ts';

const outputs: GateOutput[] = [
  { gate: 1, lane: 0, lagMs: 30, pulseMs: 80 },
  { gate: 2, lagMs: 0, pulseMs: 100, distanceMm: 500 },
];
/** 300 mm from the camera, at half a millimetre per millisecond. */
const speed = 0.5;

function shot(positionMm: number, change: Partial<Shot> = {}): Shot {
  return {
    boot: '00000000000000aa',
    seq: 0,
    lane: 0,
    gate: 1,
    grade: 'ok',
    at: '2026-01-01T00:00:00.000Z',
    decidedAtMs: 0,
    dueAtMs: positionMm / speed,
    positionMm,
    ...change,
  };
}

/** The belt's readings every 50 ms up to a time, by its speed in millimetres per millisecond. */
function run(schedule: GateSchedule, fromMs: number, toMs: number, startMm: number, mmPerMs = speed): void {
  for (let ms = fromMs; ms <= toMs; ms += 50) schedule.observe(startMm + (ms - fromMs) * mmPerMs, ms);
}

function running(): GateSchedule {
  const schedule = new GateSchedule(outputs, 300);
  run(schedule, 0, 200, 0);
  return schedule;
}

describe('GateSchedule', () => {
  it('opens half a pulse and the actuator’s lag before the fruit is there, and closes after the pulse', () => {
    const schedule = running();
    schedule.add(shot(400), 200);
    // There at 800 ms.
    expect(schedule.nextAtMs()).toBe(800 - 30 - 40);
    expect(schedule.step(729.9)).toEqual([]);
    expect(schedule.step(730)).toEqual([{ output: 0, on: true }]);
    expect(schedule.nextAtMs()).toBe(810);
    expect(schedule.step(810)).toEqual([{ output: 0, on: false }]);
    expect(schedule.nextAtMs()).toBe(Number.POSITIVE_INFINITY);
    expect(schedule.counts).toEqual({ fired: 1, merged: 0, late: 0, refused: 0 });
  });

  it('knows a gate that lies further on, and outputs for one lane or for all', () => {
    const schedule = running();
    schedule.add(shot(400, { gate: 2, lane: 7 }), 200);
    // 200 mm further: there at 1200 ms.
    expect(schedule.nextAtMs()).toBe(1_150);
    schedule.add(shot(400, { gate: 1, lane: 1 }), 200);
    schedule.add(shot(400, { gate: 3 }), 200);
    expect(schedule.step(1_150)).toEqual([{ output: 1, on: true }]);
    expect(schedule.counts.fired).toBe(1);
  });

  it('follows a belt that slows down, and one that stands until it runs again', () => {
    const schedule = running();
    schedule.add(shot(400), 200);
    run(schedule, 250, 600, 100, 0.2);
    // 170 mm at 600 ms: 230 mm more at 0.2 mm/ms.
    expect(schedule.nextAtMs()).toBeCloseTo(600 + 230 / 0.2 - 70, 0);
    run(schedule, 650, 1_100, 170, 0);
    expect(schedule.nextAtMs()).toBe(Number.POSITIVE_INFINITY);
    expect(schedule.step(60_000)).toEqual([]);
    run(schedule, 60_000, 60_400, 170);
    expect(schedule.nextAtMs()).toBeCloseTo(60_000 + 230 / speed - 70, 0);
  });

  it('never gives a late shot, and counts it', () => {
    const schedule = running();
    schedule.add(shot(400), 741);
    expect(schedule.nextAtMs()).toBe(Number.POSITIVE_INFINITY);
    schedule.add(shot(500), 200);
    // There at 1000 ms, so at 930; the thread slept.
    expect(schedule.step(941)).toEqual([]);
    expect(schedule.counts).toMatchObject({ fired: 0, late: 2 });
  });

  it('gives one pulse to shots that overlap, as long as the last of them needs', () => {
    const schedule = running();
    for (const positionMm of [400, 420, 440]) schedule.add(shot(positionMm), 200);
    const changes: [number, unknown][] = [];
    for (let ms = 700; ms < 1_000; ms += 1)
      for (const change of schedule.step(ms)) changes.push([ms, change.on]);
    expect(changes).toEqual([
      [730, true],
      [890, false],
    ]);
    expect(schedule.counts).toMatchObject({ fired: 1, merged: 2, late: 0 });
  });

  it('keeps the times of shots when the encoder begins anew', () => {
    const schedule = running();
    schedule.add(shot(400), 200);
    run(schedule, 250, 500, -1_000);
    expect(schedule.nextAtMs()).toBe(730);
    // In the new count, and there at 1050 ms.
    schedule.add(shot(-600, { dueAtMs: 1_050 }), 500);
    run(schedule, 550, 700, -850);
    expect(schedule.step(730)).toEqual([{ output: 0, on: true }]);
    expect(schedule.step(810)).toEqual([{ output: 0, on: false }]);
    expect(schedule.nextAtMs()).toBe(980);
  });

  it('takes no belt that springs back a little for an encoder that begins anew', () => {
    const schedule = running();
    schedule.add(shot(400), 200);
    run(schedule, 250, 650, 99.9, 0);
    expect(schedule.nextAtMs()).toBe(Number.POSITIVE_INFINITY);
    expect(schedule.step(60_000)).toEqual([]);
    run(schedule, 60_000, 60_400, 99.9);
    expect(schedule.nextAtMs()).toBeCloseTo(60_000 + 300.1 / speed - 70, 0);
  });

  it('keeps a shot while the belt runs backward, and gives it when its fruit is there', () => {
    const schedule = running();
    schedule.add(shot(400), 200);
    // 20 mm further back with each reading, and on from 0 mm below.
    run(schedule, 250, 450, 80, -0.4);
    expect(schedule.nextAtMs()).toBe(Number.POSITIVE_INFINITY);
    run(schedule, 500, 950, 0);
    expect(schedule.nextAtMs()).toBeCloseTo(500 + 400 / speed - 70, 0);
    expect(schedule.step(1_229)).toEqual([]);
    expect(schedule.step(1_230)).toEqual([{ output: 0, on: true }]);
    expect(schedule.counts.late).toBe(0);
  });

  it('takes no jitter of an encoder at rest for a belt that runs', () => {
    const schedule = running();
    schedule.add(shot(400), 200);
    for (let ms = 250; ms <= 1_200; ms += 50) schedule.observe(100 + (ms % 100) / 500, ms);
    expect(schedule.nextAtMs()).toBe(Number.POSITIVE_INFINITY);
  });

  it('leaves nothing waiting when the encoder begins anew while the belt stands', () => {
    const schedule = running();
    for (let i = 0; i < 512; i++) schedule.add(shot(400), 200);
    run(schedule, 250, 650, 100, 0);
    run(schedule, 700, 1_100, -1_000);
    expect(schedule.nextAtMs()).toBe(Number.POSITIVE_INFINITY);
    expect(schedule.counts).toEqual({ fired: 0, merged: 0, late: 512, refused: 0 });
    schedule.add(shot(-600), 1_100);
    expect(schedule.step(1_100 + 400 - 70)).toEqual([{ output: 0, on: true }]);
  });

  it('holds no more shots than a belt carries', () => {
    const schedule = running();
    for (let i = 0; i < 600; i++) schedule.add(shot(400), 200);
    expect(schedule.counts.refused).toBe(88);
  });

  it('closes what it opens, opens nothing late, and loses no shot, for any belt and any delay of its thread', () => {
    const event = fc.record({
      ms: fc.integer({ min: 1, max: 120 }),
      mmPerMs: fc.constantFrom(0, 0.2, 0.5, 1),
    });
    fc.assert(
      fc.property(
        fc.array(event, { minLength: 20, maxLength: 80 }),
        fc.array(fc.nat(900), { maxLength: 20 }),
        (events, places) => {
          const schedule = running();
          for (const place of places) schedule.add(shot(200 + place), 200);
          const open = new Set<number>();
          let [ms, mm] = [200, 100];
          for (const each of [...events, ...Array(40).fill({ ms: 120, mmPerMs: 0.5 })]) {
            ms += each.ms;
            mm += each.ms * each.mmPerMs;
            schedule.observe(mm, ms);
            for (const { output, on } of schedule.step(ms)) {
              expect(open.has(output)).toBe(!on);
              if (on) open.add(output);
              else open.delete(output);
            }
          }
          expect(open.size).toBe(0);
          const { fired, merged, late } = schedule.counts;
          expect(fired + merged + late).toBe(places.length);
        },
      ),
    );
  });
});
