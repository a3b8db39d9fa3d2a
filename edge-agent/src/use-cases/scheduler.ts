import type { Clock } from '@pomona/wire';

/** Time that can be waited for, so that a test drives it. */
export interface Scheduler extends Clock {
  /** Runs once, `delayMs` from now at the earliest. Returns what cancels it; may be called at any time. */
  after(delayMs: number, run: () => void): () => void;
}

/** Resolves after the delay. Rejects with the signal's reason when it is aborted before. */
export function wait(scheduler: Scheduler, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const onAbort = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = scheduler.after(delayMs, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
