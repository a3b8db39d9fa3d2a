export interface BucketLimits {
  /** How many at once. */
  readonly burst: number;
  readonly perSecond: number;
  /** Keys that are told apart; when there are more, the oldest is forgotten. */
  readonly keysMax: number;
}

/** A limit on how often each key may do something (a token bucket per key). Time comes from outside, monotonic. */
export class TokenBuckets {
  readonly #limits: BucketLimits;
  readonly #buckets = new Map<string, { tokens: number; atMs: number }>();

  constructor(limits: BucketLimits) {
    this.#limits = limits;
  }

  take(key: string, nowMs: number): boolean {
    const { burst, perSecond, keysMax } = this.#limits;
    const known = this.#buckets.get(key) ?? { tokens: burst, atMs: nowMs };
    const tokens = Math.min(burst, known.tokens + ((nowMs - known.atMs) / 1000) * perSecond);
    const isAllowed = tokens >= 1;
    this.#buckets.delete(key);
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined && this.#buckets.size >= keysMax) this.#buckets.delete(oldest);
    this.#buckets.set(key, { tokens: isAllowed ? tokens - 1 : tokens, atMs: nowMs });
    return isAllowed;
  }
}
