import type { Clock } from './ports.ts';

/** The machine's own clocks. Wired in by each package's `main`; nothing else reads time. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => Number(process.hrtime.bigint()) / 1e6,
};
