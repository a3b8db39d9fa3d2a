import { expect, it } from 'vitest';
import { TokenBuckets } from './token-bucket.ts';

it('lets a burst through, then the rate, for each key by itself', () => {
  const buckets = new TokenBuckets({ burst: 2, perSecond: 1, keysMax: 10 });
  expect([0, 0, 0].map((now) => buckets.take('a', now))).toEqual([true, true, false]);
  expect(buckets.take('b', 0)).toBe(true);
  expect(buckets.take('a', 999)).toBe(false);
  expect(buckets.take('a', 1_001)).toBe(true);
  expect(buckets.take('a', 1_001)).toBe(false);
});

it('forgets the key that was used longest ago when there are too many', () => {
  const buckets = new TokenBuckets({ burst: 1, perSecond: 0, keysMax: 2 });
  buckets.take('a', 0);
  buckets.take('b', 0);
  buckets.take('c', 0);
  expect(buckets.take('c', 0)).toBe(false);
  expect(buckets.take('a', 0)).toBe(true);
});
