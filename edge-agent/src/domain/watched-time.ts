/** Longer than between two counts of the line, and than a moment in which the board was busy. */
const freshMs = 3_000;

/**
 * How long a line has graded frames, fruit on them or not. Time in which no frame came, since the camera is down, or none
 * was finished proves nothing about a release.
 */
export class WatchedTime {
  #frames = 0;
  #grewAtMs = Number.NEGATIVE_INFINITY;
  #lastMs: number;
  #watchedMs = 0;

  constructor(nowMs: number) {
    this.#lastMs = nowMs;
  }

  /** `frames` were graded so far. Returns the milliseconds watched so far. */
  observe(frames: number, nowMs: number): number {
    if (frames !== this.#frames) this.#grewAtMs = nowMs;
    // A process that was halted meanwhile has watched nothing.
    if (nowMs - this.#grewAtMs <= freshMs) this.#watchedMs += Math.min(nowMs - this.#lastMs, freshMs);
    this.#frames = frames;
    this.#lastMs = nowMs;
    return this.#watchedMs;
  }
}
