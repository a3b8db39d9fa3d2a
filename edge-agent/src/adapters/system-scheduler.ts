import { systemClock } from '@pomona/wire';
import type { Scheduler } from '../use-cases/scheduler.ts';

export const systemScheduler: Scheduler = {
  ...systemClock,
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};
