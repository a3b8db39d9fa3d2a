import { ByteRate, type Clock } from '@pomona/wire';
import { FairQueue } from '../domain/fair-queue.ts';

export interface SitePacePorts {
  readonly clock: Clock;
  /** Calls back once after so many milliseconds; returns what prevents it. */
  readonly after: (ms: number, callback: () => void) => () => void;
}

interface CappedSite {
  rate: ByteRate;
  readonly waiting: FairQueue<{ readonly bytes: number; readonly go: () => void }>;
  cancelTimer: () => void;
}

/** Shares what a site may have among its stations that fetch; a site without a cap never waits. */
export class SitePace {
  readonly #ports: SitePacePorts;
  readonly #sites = new Map<string, CappedSite>();

  constructor(ports: SitePacePorts) {
    this.#ports = ports;
  }

  /** From now on, for those who wait already too; null lifts the cap. */
  limit(site: string, kbitPerSMax: number | null): void {
    const known = this.#sites.get(site);
    if (kbitPerSMax === null) {
      this.#sites.delete(site);
      if (known) release(known);
      return;
    }
    const rate = new ByteRate(kbitPerSMax, this.#ports.clock.monotonicMs());
    if (known) known.rate = rate;
    else this.#sites.set(site, { rate, waiting: new FairQueue(), cancelTimer: () => undefined });
    this.#pump(this.#sites.get(site)!);
  }

  /** Resolves when the station may have so many bytes; undefined when it need not wait. */
  turn(site: string, station: string, bytes: number): Promise<void> | undefined {
    const capped = this.#sites.get(site);
    if (!capped) return undefined;
    return new Promise((go) => {
      capped.waiting.push(station, bytes, { bytes, go });
      this.#pump(capped);
    });
  }

  /** Of what a turn gave: the end of a file is shorter than a chunk. */
  giveBack(site: string, bytes: number): void {
    const capped = this.#sites.get(site);
    if (!capped) return;
    capped.rate.giveBack(bytes);
    this.#pump(capped);
  }

  /** Lets go whoever waits. */
  stop(): void {
    for (const capped of this.#sites.values()) release(capped);
    this.#sites.clear();
  }

  #pump(capped: CappedSite): void {
    capped.cancelTimer();
    while (capped.waiting.size > 0) {
      const nowMs = this.#ports.clock.monotonicMs();
      const dueMs = capped.rate.dueMs(nowMs);
      if (dueMs > nowMs) {
        capped.cancelTimer = this.#ports.after(dueMs - nowMs, () => this.#pump(capped));
        return;
      }
      const next = capped.waiting.shift();
      if (next === undefined) return;
      capped.rate.take(next.bytes, nowMs);
      next.go();
    }
  }
}

function release({ waiting, cancelTimer }: CappedSite): void {
  cancelTimer();
  for (const { go } of waiting.drain()) go();
}
