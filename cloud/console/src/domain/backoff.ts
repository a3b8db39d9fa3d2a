import type { Random } from '@pomona/wire';

/** Waits between attempts, milliseconds, without end: doubling to a limit, spread so that browsers do not come back as one. */
export function* backoff(random: Random, firstMs = 500, mostMs = 8_000): Generator<number, never> {
  for (let waitMs = firstMs; ; waitMs = Math.min(waitMs * 2, mostMs)) {
    yield waitMs * (0.75 + random.next() / 2);
  }
}
