/**
 * How often a PIN may be tried: five times, then after a pause that doubles with every wrong one, up to a quarter of an hour. That
 * is a hundred attempts a day, whoever makes them: an address costs nothing on a network, so it is not asked for.
 */
const freeAttempts = 5;
const firstPauseMs = 30_000;
const pauseMsMax = 900_000;

export class PinAttempts {
  #wrong = 0;
  #openAtMs = 0;

  /** How long nobody may try, milliseconds; 0: now. `nowMs` is monotonic. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#openAtMs - nowMs);
  }

  wrong(nowMs: number): void {
    this.#wrong++;
    if (this.#wrong < freeAttempts) return;
    this.#openAtMs =
      nowMs + Math.min(pauseMsMax, firstPauseMs * 2 ** Math.min(10, this.#wrong - freeAttempts));
  }

  right(): void {
    this.#wrong = 0;
    this.#openAtMs = 0;
  }
}
