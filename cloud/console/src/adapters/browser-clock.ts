import type { Clock, Random } from '@pomona/wire';

export const browserClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
};

export const browserRandom: Random = {
  next: () => Math.random(),
};
