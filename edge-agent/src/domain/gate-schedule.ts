/**
 * When which outlet opens and closes. A shot knows where on the belt its fruit is at the gate; the belt says when that will
 * be, anew with every frame, so that a belt that slows down or stops takes its shots along.
 *
 *     waiting ──(its time has come)──► open ──(the pulse is over)──► done
 *        ├──(its time has passed by more than the tolerance)──► late: never given, it would hit the next fruit
 *        └──(the encoder began anew while the belt stood)─────► late: nobody knows any more where it is
 *
 * The lag of the actuator is subtracted, and the pulse lies evenly about the fruit's centre. Shots of one outlet that
 * overlap are one pulse: it ends with the last of them. Time is monotonic, and given.
 */
import { anewMm, BeltClock } from './belt-clock.ts';
import type { Shot } from './gate.ts';

/** One actuator, and the fruit that it is for. */
export interface GateOutput {
  readonly gate: number;
  /** Left out, it serves all lanes. */
  readonly lane?: number;
  /** From the camera's exit edge; left out, the line's own distance. */
  readonly distanceMm?: number;
  /** From the command to the moved flap. */
  readonly lagMs: number;
  /** How long it stays open. */
  readonly pulseMs: number;
  /** A sensor sees who left by it, so long after it has closed at the latest. */
  readonly confirm?: { readonly withinMs: number };
}

export interface GateChange {
  /** Index of the output. */
  readonly output: number;
  readonly on: boolean;
}

export interface GateCounts {
  /** Pulses begun, and shots that found theirs begun already. */
  readonly fired: number;
  readonly merged: number;
  readonly late: number;
  /** More shots than any belt carries were waiting. */
  readonly refused: number;
}

interface Planned {
  readonly output: number;
  readonly positionMm: number;
  openAtMs: number;
  /** The encoder began anew: its place is in the old count, only its time is left. */
  isTimed: boolean;
}

/** A timer's jitter on a busy board; at 500 mm/s it is 5 mm of belt. */
const toleranceMs = 10;
const waitingMax = 512;

export class GateSchedule {
  readonly #outputs: readonly GateOutput[];
  readonly #gateDistanceMm: number;
  readonly #belt = new BeltClock();
  #waiting: Planned[] = [];
  /** Per output; undefined while it is closed. */
  readonly #closeAtMs: (number | undefined)[];
  #encoderMm = Number.NEGATIVE_INFINITY;
  readonly #counts = { fired: 0, merged: 0, late: 0, refused: 0 };

  constructor(outputs: readonly GateOutput[], gateDistanceMm: number) {
    this.#outputs = outputs;
    this.#gateDistanceMm = gateDistanceMm;
    this.#closeAtMs = outputs.map(() => undefined);
  }

  get counts(): GateCounts {
    return { ...this.#counts };
  }

  /** A shot whose gate has no output is none: that fruit goes straight on. */
  add({ gate, lane, positionMm, dueAtMs }: Shot, nowMs: number): void {
    this.#outputs.forEach((output, index) => {
      if (output.gate !== gate || (output.lane !== undefined && output.lane !== lane)) return;
      if (this.#waiting.length >= waitingMax) {
        this.#counts.refused++;
        return;
      }
      const furtherMm = (output.distanceMm ?? this.#gateDistanceMm) - this.#gateDistanceMm;
      const planned = {
        output: index,
        positionMm: positionMm + furtherMm,
        openAtMs: dueAtMs - this.#leadMs(index),
        isTimed: false,
      };
      this.#replan(planned);
      if (planned.openAtMs + toleranceMs < nowMs) this.#counts.late++;
      else this.#waiting.push(planned);
    });
  }

  /** Every frame's readings, after the shots whose places are in the count before. */
  observe(encoderMm: number, capturedAtMs: number): void {
    const isAnew = encoderMm < this.#encoderMm - anewMm;
    this.#encoderMm = encoderMm;
    this.#belt.observe(encoderMm, capturedAtMs);
    if (isAnew) this.#forgetPlaces();
    else for (const planned of this.#waiting) this.#replan(planned);
  }

  /** When `step` has to be called next; infinite when nothing is planned, or the belt stands. */
  nextAtMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { openAtMs } of this.#waiting) next = Math.min(next, openAtMs);
    for (const closeAtMs of this.#closeAtMs) next = Math.min(next, closeAtMs ?? next);
    return next;
  }

  isOpen(output: number): boolean {
    return this.#closeAtMs[output] !== undefined;
  }

  /** What to switch now. `onGiven` hears of each shot that is given by that, also of those whose outlet is open already. */
  step(nowMs: number, onGiven: (output: number, openAtMs: number) => void = () => {}): GateChange[] {
    const changes: GateChange[] = [];
    this.#closeAtMs.forEach((closeAtMs, output) => {
      // One that is due at the same moment keeps it open.
      const stays = this.#waiting.some((each) => each.output === output && each.openAtMs <= nowMs);
      if (closeAtMs === undefined || closeAtMs > nowMs || stays) return;
      this.#closeAtMs[output] = undefined;
      changes.push({ output, on: false });
    });
    const due = this.#waiting.filter(({ openAtMs }) => openAtMs <= nowMs);
    if (due.length > 0) this.#waiting = this.#waiting.filter(({ openAtMs }) => openAtMs > nowMs);
    for (const { output, openAtMs } of due.sort((a, b) => a.openAtMs - b.openAtMs)) {
      const isOpen = this.#closeAtMs[output] !== undefined;
      if (nowMs - openAtMs > toleranceMs && !isOpen) {
        this.#counts.late++;
        continue;
      }
      this.#closeAtMs[output] = Math.max(
        this.#closeAtMs[output] ?? 0,
        openAtMs + this.#outputs[output]!.pulseMs,
      );
      onGiven(output, openAtMs);
      if (isOpen) this.#counts.merged++;
      else {
        this.#counts.fired++;
        changes.push({ output, on: true });
      }
    }
    return changes;
  }

  /** The old count is gone: who has a time keeps it, the others of a belt that stood have nothing left to wait for. */
  #forgetPlaces(): void {
    const timed = this.#waiting.filter(({ openAtMs }) => openAtMs !== Number.POSITIVE_INFINITY);
    for (const planned of timed) planned.isTimed = true;
    this.#counts.late += this.#waiting.length - timed.length;
    this.#waiting = timed;
  }

  #replan(planned: Planned): void {
    const atMs = this.#belt.passesAtMs(planned.positionMm);
    // Two readings tell a speed. Before, and on a belt that stands from the start, the shot's own time is all there is.
    if (planned.isTimed || atMs === undefined) return;
    planned.openAtMs = atMs - this.#leadMs(planned.output);
  }

  #leadMs(output: number): number {
    const { lagMs, pulseMs } = this.#outputs[output]!;
    return lagMs + pulseMs / 2;
  }
}
