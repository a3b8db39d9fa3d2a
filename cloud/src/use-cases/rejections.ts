import type { Logger, Rejection } from './ports.ts';

/** Distinct (station, channel, cause) that are told apart before they are stored; what comes beyond is one entry. */
const distinctMax = 2_000;
const overflow = { station: null, channel: null, cause: 'more-causes' } as const;
const detailCharsMax = 200;

export type RejectedInput = Omit<Rejection, 'count'>;

/** Counts what came from outside and was refused. The first of each station, channel and cause is logged. */
export class Rejections {
  readonly #logger: Logger;
  readonly #logged = new Set<string>();
  #pending = new Map<string, { -readonly [K in keyof Rejection]: Rejection[K] }>();
  /** Called when something was counted, so that it gets stored. */
  onCounted: () => void = () => undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  count(input: RejectedInput): void {
    const detail = input.detail.slice(0, detailCharsMax);
    const named = { station: input.station, channel: input.channel, cause: input.cause };
    const key = JSON.stringify(named);
    const known = this.#pending.get(key);
    if (known) {
      known.count++;
      known.detail = detail;
    } else if (this.#pending.size < distinctMax || named.cause === overflow.cause) {
      this.#pending.set(key, { ...named, count: 1, detail });
    } else {
      this.count({ ...overflow, detail: 'too many distinct causes to tell apart' });
      return;
    }
    if (this.#logged.size < distinctMax && !this.#logged.has(key)) {
      this.#logged.add(key);
      this.#logger.warn({ ...named, detail }, 'refused; further ones of this cause are only counted');
    }
    this.onCounted();
  }

  /** What was counted since the last call. */
  take(): Rejection[] {
    const taken = [...this.#pending.values()];
    this.#pending = new Map();
    return taken;
  }

  /** Puts back what could not be stored. */
  restore(rejections: readonly Rejection[]): void {
    for (const rejection of rejections) {
      const key = JSON.stringify({
        station: rejection.station,
        channel: rejection.channel,
        cause: rejection.cause,
      });
      const known = this.#pending.get(key);
      if (known) known.count += rejection.count;
      else this.#pending.set(key, { ...rejection });
    }
  }
}
