/**
 * Whether the fruit of a shot left. A shot waits for its sensor from when the outlet opens until some time after it has closed:
 *
 *     waiting ──(the sensor sees a fruit)──► confirmed
 *        └──(the time is over)─────────────► unconfirmed
 *
 * Fruit of one outlet pass its sensor in the order of their shots: a sighting confirms the oldest that waits. One without a
 * shot that waits is somebody's hand, or a fruit that left by itself, and says nothing. Time is monotonic, and given.
 */
import type { GateOutput } from './gate-schedule.ts';

export interface ConfirmationCounts {
  readonly confirmed: number;
  readonly unconfirmed: number;
  /** Of the outlet that has most: its last shots that were not confirmed. */
  readonly unconfirmedInARow: number;
}

/** A shot whose fruit is waited for. */
export interface Expected {
  readonly output: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** More than lie between an outlet and its sensor. */
const waitingMax = 64;

export class ShotConfirmations {
  readonly #outputs: readonly GateOutput[];
  readonly #waiting: Expected[][];
  readonly #runs: number[];
  #confirmed = 0;
  #unconfirmed = 0;

  constructor(outputs: readonly GateOutput[]) {
    this.#outputs = outputs;
    this.#waiting = outputs.map(() => []);
    this.#runs = outputs.map(() => 0);
  }

  /** Undefined where no outlet has a sensor. */
  get counts(): ConfirmationCounts | undefined {
    if (this.#outputs.every(({ confirm }) => confirm === undefined)) return undefined;
    return {
      confirmed: this.#confirmed,
      unconfirmed: this.#unconfirmed,
      unconfirmedInARow: Math.max(...this.#runs),
    };
  }

  /** A shot that was given: its outlet has opened, or was open already. */
  given(output: number, openAtMs: number): Expected | undefined {
    const { confirm, pulseMs } = this.#outputs[output]!;
    if (confirm === undefined) return undefined;
    const waiting = this.#waiting[output]!;
    if (waiting.length === waitingMax) this.#miss(output);
    const expected = { output, fromMs: openAtMs, untilMs: openAtMs + pulseMs + confirm.withinMs };
    waiting.push(expected);
    return expected;
  }

  /** It was not given after all: its command failed. */
  withdraw(expected: Expected): void {
    const waiting = this.#waiting[expected.output]!;
    const at = waiting.indexOf(expected);
    if (at >= 0) waiting.splice(at, 1);
  }

  seen(output: number, atMs: number): void {
    this.step(atMs);
    const waiting = this.#waiting[output]!;
    if (waiting[0] === undefined || waiting[0].fromMs > atMs) return;
    waiting.shift();
    this.#confirmed++;
    this.#runs[output] = 0;
  }

  /** The sensors cannot be asked: what waits is neither. */
  forget(): void {
    for (const waiting of this.#waiting) waiting.length = 0;
  }

  /** Gives up those whose time is over. */
  step(nowMs: number): void {
    this.#waiting.forEach((waiting, output) => {
      while (waiting[0] !== undefined && waiting[0].untilMs < nowMs) this.#miss(output);
    });
  }

  #miss(output: number): void {
    this.#waiting[output]!.shift();
    this.#unconfirmed++;
    this.#runs[output]!++;
  }
}
