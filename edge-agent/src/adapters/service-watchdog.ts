/**
 * Tells systemd that the agent runs, and then, twice per watchdog interval, that it is alive (sd_notify(3),
 * sd_watchdog_enabled(3)). Node has no datagram sockets of the Unix kind: `systemd-notify` is spawned.
 *
 * A hung main thread sends nothing because nothing runs; a hung grading worker because `isAlive` says so. systemd then
 * kills the service and starts it again.
 */
import { execFile } from 'node:child_process';
import type { Scheduler } from '../use-cases/scheduler.ts';

export interface ServiceWatchdogOptions {
  /** Of the process: `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`, `PATH`. */
  readonly environment: NodeJS.ProcessEnv;
  readonly isAlive: (nowMs: number) => boolean;
  readonly scheduler: Scheduler;
  readonly onTrouble: (code: string, message: string) => void;
}

const notifyTimeoutMs = 5_000;

export class ServiceWatchdog {
  readonly #options: ServiceWatchdogOptions;
  #cancel: () => void = () => undefined;
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
    this.#tell('READY=1');
    const intervalMs = this.#intervalMs();
    if (intervalMs !== undefined) this.#feedEvery(intervalMs / 2);
  }

  stop(): void {
    this.#state = 'stopped';
    this.#cancel();
  }

  #intervalMs(): number | undefined {
    const { WATCHDOG_USEC: interval, WATCHDOG_PID: pid } = this.#options.environment;
    if (interval === undefined || (pid !== undefined && pid !== String(process.pid))) return undefined;
    const ms = Number(interval) / 1000;
    if (Number.isFinite(ms) && ms > 0) return ms;
    this.#options.onTrouble('watchdog-interval', `WATCHDOG_USEC is no interval: ${interval.slice(0, 40)}`);
    return undefined;
  }

  #feedEvery(pauseMs: number): void {
    const { scheduler, isAlive, onTrouble } = this.#options;
    this.#cancel = scheduler.after(pauseMs, () => {
      if (isAlive(scheduler.monotonicMs())) this.#tell('WATCHDOG=1');
      else
        onTrouble('line-hangs', 'the grading worker shows no sign of life; the service is to be restarted');
      this.#feedEvery(pauseMs);
    });
  }

  /** One at a time: a service manager that does not answer must not collect processes. */
  #tell(word: string): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    const { environment, onTrouble } = this.#options;
    execFile('systemd-notify', [word], { env: environment, timeout: notifyTimeoutMs }, (error) => {
      this.#isTelling = false;
      if (error !== null && this.#state === 'started') onTrouble('watchdog-notify', error.message);
    });
  }
}
