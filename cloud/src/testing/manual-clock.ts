import type { Clock } from '@pomona/wire';

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
  ms: number;

  constructor(startMs = Date.parse('2026-01-01T00:00:00.000Z')) {
    this.ms = startMs;
  }

  nowMs(): number {
    return this.ms;
  }

  monotonicMs(): number {
    return this.ms;
  }
}
