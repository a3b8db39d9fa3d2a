import type { Random } from '@pomona/wire';

export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Waiting times for one attempt after another, doubling up to a limit, each drawn from the upper half of its range so
 * that many devices do not come back at once. Made anew after a success.
 */
export function* backoff({ firstMs, maxMs }: BackoffOptions, random: Random): Generator<number, never> {
  for (let limitMs = firstMs; ; limitMs = Math.min(limitMs * 2, maxMs)) {
    yield (limitMs / 2) * (1 + random.next());
  }
}
