import { describe, expect, it } from 'vitest';
import { BeltTravel } from '../domain/belt-travel.ts';
import type { LineGate, Shot } from '../domain/gate.ts';
import { GateSchedule } from '../domain/gate-schedule.ts';
import { followEncoder } from './follow-encoder.ts';

const gateDistanceMm = 300;
const output = { gate: 1, lagMs: 20, pulseMs: 40 };

/** A line whose frames come every 100 ms, 50 ms after their capture, and whose belt gives a pulse a millimetre. */
class Line {
  nowMs = 1_000;
  readonly openedAtMs: number[] = [];
  readonly travel = new BeltTravel(0);
  readonly schedule = new GateSchedule([output], gateDistanceMm);
  readonly gate = followEncoder(
    {
      shoot: (shot: Shot) => this.schedule.add(shot, this.nowMs),
      observe: (mm: number, atMs: number) => this.schedule.observe(mm, atMs),
    } as LineGate,
    this.travel,
  );
  #beltMm = 0;
  #pulses = 0;

  /** Millisecond by millisecond; without frames when the camera is away, without pulses when the encoder is. */
  run(ms: number, mmPerS: number, { frames = true, pulses = true } = {}): void {
    for (let i = 0; i < ms; i++) {
      this.nowMs++;
      this.#beltMm += mmPerS / 1000;
      if (pulses && Math.floor(this.#beltMm) > this.#pulses) {
        this.#pulses = Math.floor(this.#beltMm);
        this.travel.read(this.#pulses, this.nowMs);
      }
      if (frames && this.nowMs % 100 === 0) {
        const capturedAtMs = this.nowMs - 50;
        this.gate.observe(this.travel.travelAt(capturedAtMs), capturedAtMs);
      }
      if (this.nowMs % 20 === 0) this.gate.tick(this.nowMs);
      for (const { on } of this.schedule.step(this.nowMs)) if (on) this.openedAtMs.push(this.nowMs);
    }
  }

  /** For a fruit that is so far before its gate now. */
  shoot(beforeMm: number): void {
    const positionMm = this.travel.newest()!.travelMm + beforeMm;
    this.gate.shoot({ gate: 1, lane: 0, positionMm, dueAtMs: Number.POSITIVE_INFINITY } as Shot);
  }

  /** Of the belt, when the outlet was opened: the fruit's centre passes `lagMs` and half a pulse later. */
  get openedAfterMs(): number {
    return this.openedAtMs[0]! + output.lagMs + output.pulseMs / 2;
  }
}

describe('a gate that follows the encoder', () => {
  it('opens when the fruit is there, on a belt that slows down while no frame comes', () => {
    const line = new Line();
    line.run(2_000, 300);
    line.shoot(300);
    const shotAtMs = line.nowMs;
    line.run(500, 300);
    line.run(2_000, 100, { frames: false });
    // 150 mm in 500 ms, and as many in 1500.
    expect(line.openedAtMs).toHaveLength(1);
    expect(Math.abs(line.openedAfterMs - shotAtMs - 2_000)).toBeLessThan(30);
  });

  it('keeps a shot while the belt stands, and gives it when it runs again', () => {
    const line = new Line();
    line.run(2_000, 300);
    line.shoot(300);
    line.run(500, 300);
    line.run(5_000, 0);
    expect(line.openedAtMs).toEqual([]);
    const againAtMs = line.nowMs;
    line.run(1_000, 300);
    expect(Math.abs(line.openedAfterMs - againAtMs - 500)).toBeLessThan(30);
    expect(line.schedule.counts).toMatchObject({ fired: 1, late: 0 });
  });

  it('gives no shot that waited while the encoder was away, and the next ones in time', () => {
    const line = new Line();
    line.run(2_000, 300);
    line.shoot(300);
    line.run(300, 300);
    line.travel.lost(line.nowMs);
    line.run(3_000, 300, { pulses: false });
    expect(line.openedAtMs).toEqual([]);
    line.run(1_000, 300);
    expect(line.openedAtMs).toEqual([]);
    expect(line.schedule.counts).toMatchObject({ fired: 0, late: 1 });
    line.shoot(300);
    const shotAtMs = line.nowMs;
    line.run(2_000, 300);
    expect(Math.abs(line.openedAfterMs - shotAtMs - 1_000)).toBeLessThan(30);
  });

  it('hears of a new count with the first frame of it, so that what was lost by it is late', () => {
    const line = new Line();
    line.run(2_000, 300);
    line.travel.lost(line.nowMs);
    line.run(500, 300, { pulses: false });
    line.run(60, 300, { frames: false });
    // Of fruit that stood in the view: its place is in the old count, and its shot comes before the frame's reading.
    line.gate.shoot({ gate: 1, lane: 0, positionMm: 900, dueAtMs: Number.POSITIVE_INFINITY } as Shot);
    line.run(9_000, 300);
    expect(line.openedAtMs).toEqual([]);
    expect(line.schedule.counts.late).toBe(1);
  });
});
