/** The newest values with their times, in a ring: rates and quantiles over the last seconds in bounded memory. */
export class RecentValues {
  readonly #atMs: Float64Array;
  readonly #values: Float64Array;
  readonly #windowMs: number;
  #count = 0;

  constructor(windowMs: number, capacity: number) {
    this.#windowMs = windowMs;
    this.#atMs = new Float64Array(capacity);
    this.#values = new Float64Array(capacity);
  }

  add(atMs: number, value: number): void {
    const at = this.#count % this.#atMs.length;
    this.#atMs[at] = atMs;
    this.#values[at] = value;
    this.#count++;
  }

  /** Values of the window that ends now, ascending. */
  sorted(nowMs: number): Float64Array {
    const kept = Math.min(this.#count, this.#atMs.length);
    let inWindow = 0;
    const found = new Float64Array(kept);
    for (let i = 0; i < kept; i++) {
      if (this.#atMs[i]! > nowMs - this.#windowMs) found[inWindow++] = this.#values[i]!;
    }
    return found.subarray(0, inWindow).sort();
  }
}

/** Nearest rank; 0 for no values. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return 0;
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
}
