/**
 * The live events of the control plane (server-sent events), given on at most four times a second.
 *
 * Invariants: what waits is bounded, and when something had to be thrown away the receiver is told to fetch anew;
 * a lost connection is opened again for ever, with growing waits; every connection after the first tells the
 * receiver to fetch anew, because what happened in between was never seen.
 */
import type { Clock, LiveEvent, Random } from '@pomona/wire';
import { backoff } from '../domain/backoff.ts';

export interface LiveState {
  readonly phase: 'connecting' | 'live' | 'lost';
  /** Wall time at which this phase began. */
  readonly sinceMs: number;
}

/** What we use of `EventSource`. */
export interface EventSourceLike {
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

export interface LiveFeedOptions {
  readonly open: () => EventSourceLike;
  readonly clock: Clock;
  readonly random: Random;
  readonly onEvents: (events: readonly LiveEvent[]) => void;
  /** What is known may be out of date. */
  readonly onGap: () => void;
  readonly flushMs?: number;
  readonly waitingMost?: number;
  readonly openWithinMs?: number;
}

export class LiveFeed {
  readonly #options: Required<LiveFeedOptions>;
  readonly #listeners = new Set<() => void>();
  #state: LiveState;
  #source: EventSourceLike | undefined;
  #waits: Iterator<number, never>;
  #waiting: LiveEvent[] = [];
  #flushTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #wasLive = false;
  #dropped = false;
  #warned = false;

  constructor(options: LiveFeedOptions) {
    this.#options = { flushMs: 250, waitingMost: 2_000, openWithinMs: 10_000, ...options };
    this.#state = { phase: 'connecting', sinceMs: options.clock.nowMs() };
    this.#waits = backoff(options.random);
  }

  readonly state = (): LiveState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  start(): void {
    if (this.#source === undefined && this.#retryTimer === undefined) this.#connect();
  }

  stop(): void {
    this.#close();
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    this.#waiting = [];
  }

  /** Another request found the control plane gone: the connection may be dead without having said so. */
  readonly suspect = (): void => {
    if (this.#state.phase !== 'live') return;
    this.#enter('lost');
    this.retry();
  };

  /** At once rather than at the end of the wait. */
  readonly retry = (): void => {
    this.#close();
    this.#connect();
  };

  #close(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#source?.close();
    this.#source = undefined;
  }

  #connect(): void {
    // An attempt that gets no answer at all fails like one that was refused.
    this.#retryTimer = setTimeout(this.#failed, this.#options.openWithinMs);
    const source = this.#options.open();
    this.#source = source;
    const whileCurrent = (act: (data: unknown) => void) => (event: { readonly data?: unknown }) => {
      if (this.#source === source) act(event.data);
    };
    source.addEventListener('open', whileCurrent(this.#opened));
    source.addEventListener('error', whileCurrent(this.#failed));
    source.addEventListener('fruits', whileCurrent(this.#received));
    source.addEventListener('station', whileCurrent(this.#received));
    source.addEventListener('alert', whileCurrent(this.#received));
  }

  readonly #opened = (): void => {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    this.#waits = backoff(this.#options.random);
    const again = this.#wasLive || this.#state.phase === 'lost';
    this.#wasLive = true;
    this.#enter('live');
    if (again) this.#options.onGap();
  };

  // An EventSource tries again by itself after some errors and never after others; we always do it ourselves.
  readonly #failed = (): void => {
    this.#close();
    this.#enter('lost');
    this.#retryTimer = setTimeout(() => this.#connect(), this.#waits.next().value);
  };

  readonly #received = (data: unknown): void => {
    const event = this.#parse(data);
    if (event === undefined) return;
    this.#waiting.push(event);
    if (this.#waiting.length > this.#options.waitingMost) {
      this.#waiting.shift();
      this.#dropped = true;
    }
    this.#flushTimer ??= setTimeout(this.#flush, this.#options.flushMs);
  };

  readonly #flush = (): void => {
    this.#flushTimer = undefined;
    const events = this.#waiting;
    const dropped = this.#dropped;
    this.#waiting = [];
    this.#dropped = false;
    if (dropped) this.#options.onGap();
    else this.#options.onEvents(events);
  };

  #parse(data: unknown): LiveEvent | undefined {
    try {
      return JSON.parse(String(data)) as LiveEvent;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      if (!this.#warned) console.warn('An event of the control plane is not JSON and was left out.', error);
      this.#warned = true;
      return undefined;
    }
  }

  #enter(phase: LiveState['phase']): void {
    if (this.#state.phase === phase) return;
    this.#state = { phase, sinceMs: this.#options.clock.nowMs() };
    for (const listener of this.#listeners) listener();
  }
}
