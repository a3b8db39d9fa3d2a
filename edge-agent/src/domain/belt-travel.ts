/**
 * How far the belt had run when a frame was taken, by an encoder's readings before and after.
 *
 * While the encoder is away the belt counts as standing: what waits for its gate is not shot. When it is back nobody knows how far the
 * belt has run meanwhile, so that the count begins anew, far below the old one: fruit in the view is taken for lost, and shots that
 * waited are late. The same after a step that no belt makes (a counter that was reset).
 */
import { anewByMm } from './belt-clock.ts';

const readingsMax = 64;
/** A step from one reading to the next: so many millimetres in any time, and so many for each millisecond. */
const stepMaxMm = 100;
const stepMaxMmPerMs = 5;
/** Away for less is a hitch. */
const awayMs = 1_000;

export interface BeltReading {
  readonly travelMm: number;
  readonly atMs: number;
}

export class BeltTravel {
  /** Rings. */
  readonly #travelMm = new Float64Array(readingsMax);
  readonly #atMs = new Float64Array(readingsMax);
  /** Of this count. */
  #readings = 0;
  /** The travel when the encoder's own count is 0. */
  #originMm = 0;
  #awaySinceMs: number | undefined;
  /** What frames were told last. */
  #toldMm = 0;
  #epoch = 0;
  #epochSinceMs = Number.NEGATIVE_INFINITY;

  constructor(nowMs: number) {
    this.#awaySinceMs = nowMs;
  }

  /** Counts the times that the count began anew. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The first reading of this count. */
  get epochSinceMs(): number {
    return this.#epochSinceMs;
  }

  get isThere(): boolean {
    return this.#awaySinceMs === undefined;
  }

  /** `encoderMm` by the encoder's own count; readings in the order of their times. */
  read(encoderMm: number, atMs: number): void {
    if (!this.isThere || this.#isNoStep(encoderMm, atMs)) this.#beginAnew(encoderMm, atMs);
    const newest = this.#newest();
    // A reading of the same moment replaces the one before.
    const at = newest !== undefined && atMs <= newest.atMs ? this.#readings - 1 : this.#readings++;
    this.#travelMm[at % readingsMax] = this.#originMm + encoderMm;
    this.#atMs[at % readingsMax] = Math.max(atMs, newest?.atMs ?? atMs);
  }

  /** It cannot be read any more. */
  lost(nowMs: number): void {
    this.#awaySinceMs ??= nowMs;
  }

  /** It has been away for longer than a hitch. */
  isAway(nowMs: number): boolean {
    return this.#awaySinceMs !== undefined && nowMs - this.#awaySinceMs > awayMs;
  }

  newest(): BeltReading | undefined {
    return this.#newest();
  }

  /** After how long without a reading the belt counts as slower than before. */
  silenceMs(): number {
    if (this.#readings < 2) return 50;
    return Math.max(50, 2.5 * (this.#time(0) - this.#time(1)));
  }

  /**
   * Of frames, in the order of their times. Between two readings in proportion; after the newest by the speed of the last step, and no
   * further than another such step, since the next reading is that of a belt that went on.
   */
  travelAt(atMs: number): number {
    if (this.#readings === 0) return this.#toldMm;
    const isForward = this.#readings < 2 || this.#place(0) >= this.#place(1);
    const travelMm = this.#between(atMs);
    // What was told beyond the newest reading is not taken back while the belt comes after.
    this.#toldMm = isForward ? Math.max(travelMm, this.#toldMm) : travelMm;
    return this.#toldMm;
  }

  #between(atMs: number): number {
    const known = Math.min(this.#readings, readingsMax);
    for (let ago = 0; ago < known; ago++) {
      if (this.#time(ago) > atMs) continue;
      if (ago > 0) return this.#onLine(atMs, ago, 1);
      const isMoving = known > 1 && this.isThere && this.#place(0) > this.#place(1);
      return isMoving ? this.#onLine(atMs, 1, 2) : this.#place(0);
    }
    return this.#place(known - 1);
  }

  /** On the line from the reading `ago` before the newest to the next, at most `stepsMax` of its length. */
  #onLine(atMs: number, ago: number, stepsMax: number): number {
    const steps = (atMs - this.#time(ago)) / (this.#time(ago - 1) - this.#time(ago));
    return this.#place(ago) + (this.#place(ago - 1) - this.#place(ago)) * Math.min(steps, stepsMax);
  }

  #place(ago: number): number {
    return this.#travelMm[(this.#readings - 1 - ago) % readingsMax]!;
  }

  #time(ago: number): number {
    return this.#atMs[(this.#readings - 1 - ago) % readingsMax]!;
  }

  #newest(): BeltReading | undefined {
    return this.#readings === 0 ? undefined : { travelMm: this.#place(0), atMs: this.#time(0) };
  }

  #isNoStep(encoderMm: number, atMs: number): boolean {
    const newest = this.#newest();
    if (newest === undefined) return false;
    const stepMm = Math.abs(this.#originMm + encoderMm - newest.travelMm);
    return stepMm > stepMaxMm + stepMaxMmPerMs * Math.max(0, atMs - newest.atMs);
  }

  #beginAnew(encoderMm: number, atMs: number): void {
    const lowestMm = Math.min(this.#toldMm, this.#newest()?.travelMm ?? this.#toldMm);
    this.#toldMm = Math.min(0, lowestMm - anewByMm);
    this.#originMm = this.#toldMm - encoderMm;
    this.#readings = 0;
    this.#epoch++;
    this.#epochSinceMs = atMs;
    this.#awaySinceMs = undefined;
  }
}
