/**
 * Keeps the station's certificate from running out. It asks once a day and soon after a start; whether it is time is for the
 * control plane to say, whose clock is right. So a board whose clock is wrong, or which lay in a drawer for years, gets a new
 * one like any other. Nothing here touches what grades.
 */
import { type CertificateState, isAppError, type Random } from '@pomona/wire';
import { type Scheduler, wait } from './scheduler.ts';

export interface RenewalPorts {
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Undefined while the certificate is good for long. */
  readonly ask: () => Promise<string | undefined>;
  /** Keeps it on disk, then uses it. */
  readonly take: (certificatePem: string) => Promise<void>;
  /** By this board's clock. */
  readonly endsAtMs: () => number;
  readonly onTrouble: (code: string, message: string) => void;
}

const firstWithinMs = 30_000;
const dayMs = 86_400_000;
const retryMs = 3_600_000;
/** Before that nobody has to know that it did not work. */
const troubleBeforeMs = 60 * dayMs;
const troubleCharsMax = 500;

export class CertificateRenewal {
  readonly #ports: RenewalPorts;
  #stopping: AbortController | undefined;
  #done: Promise<void> = Promise.resolve();
  #trouble: string | undefined;

  constructor(ports: RenewalPorts) {
    this.#ports = ports;
  }

  start(): void {
    if (this.#stopping !== undefined) return;
    this.#stopping = new AbortController();
    this.#done = this.#run(this.#stopping.signal);
  }

  /** For the station's health. */
  state(): CertificateState {
    const endsAt = new Date(this.#ports.endsAtMs()).toISOString();
    return { endsAt, ...(this.#trouble === undefined ? {} : { trouble: this.#trouble }) };
  }

  async stop(): Promise<void> {
    this.#stopping?.abort();
    await this.#done;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { scheduler, random } = this.#ports;
    // A packhouse that is switched on does not ask as one.
    let pauseMs = firstWithinMs * random.next();
    for (;;) {
      try {
        await wait(scheduler, pauseMs, signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      pauseMs = ((await this.#renew()) ? dayMs : retryMs) * (0.75 + random.next() / 2);
    }
  }

  async #renew(): Promise<boolean> {
    const { ask, take, endsAtMs, scheduler, onTrouble } = this.#ports;
    try {
      const certificatePem = await ask();
      if (certificatePem !== undefined) await take(certificatePem);
      this.#trouble = undefined;
      return true;
    } catch (error) {
      const why = isAppError(error) ? `${error.message}. ${error.hint}` : String(error);
      this.#trouble = why.slice(0, troubleCharsMax);
      const ends = endsAtMs();
      if (ends - scheduler.nowMs() < troubleBeforeMs) {
        onTrouble(
          'certificate-ends',
          `the station’s certificate ends ${new Date(ends).toISOString()}: ${why}`,
        );
      }
      return false;
    }
  }
}
