/**
 * When a camera that gives the same picture again and again is started again. That mends a driver or a network stream that hangs; but a
 * compressed film of a belt that stands may look the same where the belt's travel is taken from the time, and must not be
 * interrupted all the time: so the pauses grow, until the picture was alive for a minute.
 */
const firstMs = 10_000;
const growth = 6;
const mostMs = 300_000;
const aliveMs = 60_000;

export class FrozenCamera {
  #pauseMs = firstMs;
  /** When it froze, or was started again for that. */
  #sinceMs: number | undefined;
  #aliveSinceMs: number | undefined;

  /** Once a second; true when it is to be started again now. */
  step(isFrozen: boolean, nowMs: number): boolean {
    if (!isFrozen) {
      this.#sinceMs = undefined;
      this.#aliveSinceMs ??= nowMs;
      if (nowMs - this.#aliveSinceMs >= aliveMs) this.#pauseMs = firstMs;
      return false;
    }
    this.#aliveSinceMs = undefined;
    this.#sinceMs ??= nowMs;
    if (nowMs - this.#sinceMs < this.#pauseMs) return false;
    this.#sinceMs = nowMs;
    this.#pauseMs = Math.min(mostMs, this.#pauseMs * growth);
    return true;
  }
}
