/**
 * When will a place on the belt be at the gate? From the encoder's readings at the times of capture.
 *
 * The belt may be speeding up, so the arrival is judged by the faster of the mean over the last readings and the last
 * step: rather an early deadline than a late shot. Not by a last step of more than twice the speed before it: so fast no
 * belt speeds up, but a camera that hitches shows its next frames in a moment.
 */
const readingsMax = 8;
/** An encoder that reads so much less than before began anew; a belt that runs backward from one reading to the next comes less far. */
export const anewMm = 500;
/** Whoever begins a count anew begins so much lower, or who reads it would take it for a belt that ran backward. */
export const anewByMm = 1_000;
const silentSteps = 2.5;
/** Slower is no belt, but the jitter of an encoder at rest. */
const standsBelowMmPerS = 1;

export class BeltClock {
  readonly #encoderMm = new Float64Array(readingsMax);
  readonly #atMs = new Float64Array(readingsMax);
  #count = 0;

  observe(encoderMm: number, capturedAtMs: number): void {
    const newest = (this.#count - 1) % readingsMax;
    const isAnew =
      this.#count > 0 &&
      (encoderMm < this.#encoderMm[newest]! - anewMm || capturedAtMs <= this.#atMs[newest]!);
    if (isAnew) this.#count = 0;
    const at = this.#count % readingsMax;
    this.#encoderMm[at] = encoderMm;
    this.#atMs[at] = capturedAtMs;
    this.#count++;
  }

  /** Millimetres per second; 0 until two readings are known. */
  speedMmPerS(): number {
    if (this.#count < 2) return 0;
    const steps = Math.min(this.#count, readingsMax) - 1;
    const before = this.#speedOver(steps - 1, 1);
    const last = this.#speedOver(1);
    return Math.max(
      0,
      this.#speedOver(steps),
      before > standsBelowMmPerS ? Math.min(last, 2 * before) : last,
    );
  }

  /** Monotonic time at which the encoder will read `positionMm`; infinite when the belt stands. */
  reachesAtMs(positionMm: number): number {
    const speed = this.speedMmPerS();
    if (speed <= 0) return Number.POSITIVE_INFINITY;
    const newest = (this.#count - 1) % readingsMax;
    return this.#atMs[newest]! + ((positionMm - this.#encoderMm[newest]!) / speed) * 1000;
  }

  /**
   * The same by the mean of the last readings alone: the best guess, where `reachesAtMs` is the careful one. Undefined until two
   * readings are known; infinite also for a mean that is no belt's.
   */
  passesAtMs(positionMm: number): number | undefined {
    if (this.#count < 2) return undefined;
    const speed = this.#speedOver(Math.min(this.#count, readingsMax) - 1);
    if (speed < standsBelowMmPerS) return Number.POSITIVE_INFINITY;
    const newest = (this.#count - 1) % readingsMax;
    return this.#atMs[newest]! + ((positionMm - this.#encoderMm[newest]!) / speed) * 1000;
  }

  /** A reading is overdue, by the usual time from one to the next. Never before three are known. */
  isSilent(nowMs: number): boolean {
    if (this.#count < 3) return false;
    const steps = Math.min(this.#count, readingsMax) - 1;
    const newestMs = this.#atMs[(this.#count - 1) % readingsMax]!;
    const usualMs = (newestMs - this.#atMs[(this.#count - 1 - steps) % readingsMax]!) / steps;
    return nowMs - newestMs > silentSteps * usualMs;
  }

  /** The mean of so many steps, the last of them `ago` steps before the newest reading; no number of none. */
  #speedOver(steps: number, ago = 0): number {
    const newest = (this.#count - 1 - ago) % readingsMax;
    const oldest = (this.#count - 1 - ago - steps) % readingsMax;
    const travelMm = this.#encoderMm[newest]! - this.#encoderMm[oldest]!;
    return (travelMm / (this.#atMs[newest]! - this.#atMs[oldest]!)) * 1000;
  }
}
