/**
 * Tells systemd that the agent runs, again and again until that was taken (a unit of `Type=notify` is not up before), and
 * then, twice per watchdog interval, that it is alive (sd_notify(3), sd_watchdog_enabled(3)).
 *
 * A hung main thread sends nothing because nothing runs; a hung grading worker because `isAlive` says so. systemd then
 * kills the service and starts it again.
 */
import type { Scheduler } from '../use-cases/scheduler.ts';

export interface ServiceWatchdogOptions {
  /** Of the process: `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`. */
  readonly environment: NodeJS.ProcessEnv;
  readonly isAlive: (nowMs: number) => boolean;
  readonly scheduler: Scheduler;
  /** Says a word to the service manager; rejects when it was not taken. */
  readonly notify: (word: string) => Promise<void>;
  readonly onTrouble: (code: string, message: string) => void;
}

const readyRetryMs = 1_000;

export class ServiceWatchdog {
  readonly #options: ServiceWatchdogOptions;
  readonly #cancels = new Map<'ready' | 'feed', () => void>();
  #state: 'new' | 'started' | 'stopped' = 'new';
  #isTelling = false;

  constructor(options: ServiceWatchdogOptions) {
    this.#options = options;
  }

  /** Without a service manager that listens there is nothing to do. */
  start(): void {
    if (this.#state !== 'new') return;
    this.#state = 'started';
    if (!this.#options.environment.NOTIFY_SOCKET) return;
    void this.#sayReady();
    const intervalMs = this.#intervalMs();
    if (intervalMs !== undefined) this.#feedEvery(intervalMs / 2);
  }

  stop(): void {
    this.#state = 'stopped';
    for (const cancel of this.#cancels.values()) cancel();
  }

  #intervalMs(): number | undefined {
    const { WATCHDOG_USEC: interval, WATCHDOG_PID: pid } = this.#options.environment;
    if (interval === undefined || (pid !== undefined && pid !== String(process.pid))) return undefined;
    const ms = Number(interval) / 1000;
    if (Number.isFinite(ms) && ms > 0) return ms;
    this.#options.onTrouble('watchdog-interval', `WATCHDOG_USEC is no interval: ${interval.slice(0, 40)}`);
    return undefined;
  }

  async #sayReady(): Promise<void> {
    if (await this.#tell('READY=1')) return;
    if (this.#state !== 'started') return;
    const { scheduler } = this.#options;
    this.#cancels.set(
      'ready',
      scheduler.after(readyRetryMs, () => void this.#sayReady()),
    );
  }

  #feedEvery(pauseMs: number): void {
    const { scheduler, isAlive, onTrouble } = this.#options;
    const cancel = scheduler.after(pauseMs, () => {
      if (isAlive(scheduler.monotonicMs())) void this.#tell('WATCHDOG=1');
      else
        onTrouble('line-hangs', 'the grading worker shows no sign of life; the service is to be restarted');
      this.#feedEvery(pauseMs);
    });
    this.#cancels.set('feed', cancel);
  }

  /** Whether it was taken. One at a time: a service manager that does not answer must not collect processes. */
  async #tell(word: string): Promise<boolean> {
    if (this.#isTelling) return false;
    this.#isTelling = true;
    const { notify, onTrouble } = this.#options;
    try {
      await notify(word);
      return true;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (this.#state === 'started') onTrouble('watchdog-notify', message);
      return false;
    } finally {
      this.#isTelling = false;
    }
  }
}
