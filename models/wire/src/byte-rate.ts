/**
 * A token bucket of bytes that may go into debt: whoever finds it above zero takes as much as it needs at once, and the
 * next waits until that is paid back. So the rate holds for pieces that are larger than the burst. Time comes from
 * outside, monotonic.
 */
export class ByteRate {
  readonly #bytesPerMs: number;
  readonly #burst: number;
  #tokens: number;
  #atMs: number;

  /** `kbitPerS` thousand bits a second; a quarter of a second of it may come at once. */
  constructor(kbitPerS: number, nowMs: number) {
    this.#bytesPerMs = kbitPerS / 8;
    this.#burst = this.#bytesPerMs * 250;
    this.#tokens = this.#burst;
    this.#atMs = nowMs;
  }

  /** When something may be taken; `nowMs` if that is now. */
  dueMs(nowMs: number): number {
    this.#advance(nowMs);
    return this.#tokens > 0 ? nowMs : nowMs + Math.max(1, Math.ceil(-this.#tokens / this.#bytesPerMs));
  }

  take(bytes: number, nowMs: number): void {
    this.#advance(nowMs);
    this.#tokens -= bytes;
  }

  /** Of what was taken and not used. */
  giveBack(bytes: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + bytes);
  }

  #advance(nowMs: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, nowMs - this.#atMs) * this.#bytesPerMs);
    this.#atMs = nowMs;
  }
}
