import type { Random } from '@pomona/wire';
import { backoff } from '../domain/backoff.ts';
import type { Scheduler } from '../use-cases/scheduler.ts';

export interface RetriesOptions {
  /** Resolves when it is there; what it makes must be undone by itself when it rejects. */
  readonly attempt: () => Promise<void>;
  /** Each time that it is there. */
  readonly onThere: () => void;
  readonly scheduler: Scheduler;
  readonly random: Random;
  /** Of each attempt that failed and each loss; the reader tells one cause once. */
  readonly onFailure: (reason: string) => void;
}

/** Tries until it is there, with growing pauses up to five seconds, and anew after each loss. */
export class Retries {
  readonly #options: RetriesOptions;
  #pauses: Iterator<number, never>;
  #state: 'new' | 'trying' | 'there' | 'stopped' = 'new';
  #cancel: () => void = () => undefined;

  constructor(options: RetriesOptions) {
    this.#options = options;
    this.#pauses = backoff(pausesMs, options.random);
  }

  get isThere(): boolean {
    return this.#state === 'there';
  }

  start(): void {
    if (this.#state === 'new') this.#try();
  }

  /** What was there is gone; said while nothing is there, it is no news. */
  lost(reason: string): void {
    if (this.#state !== 'there') return;
    this.#state = 'trying';
    this.#options.onFailure(reason);
    this.#later();
  }

  stop(): void {
    this.#state = 'stopped';
    this.#cancel();
  }

  #try(): void {
    this.#state = 'trying';
    this.#options.attempt().then(
      () => {
        if (this.#state !== 'trying') return;
        this.#state = 'there';
        this.#pauses = backoff(pausesMs, this.#options.random);
        this.#options.onThere();
      },
      (error: unknown) => {
        if (this.#state !== 'trying') return;
        this.#options.onFailure(error instanceof Error ? error.message || error.name : String(error));
        this.#later();
      },
    );
  }

  #later(): void {
    this.#cancel = this.#options.scheduler.after(this.#pauses.next().value, () => this.#try());
  }
}

const pausesMs = { firstMs: 200, maxMs: 5_000 };
