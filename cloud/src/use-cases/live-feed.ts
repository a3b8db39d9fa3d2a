/**
 * What the console's pages see live. News are collected and given out a few times a second, stations less often, and
 * only while somebody listens: a busy line must not become thousands of events, nor an idle console a load.
 */
import type { AlertView, LiveEvent, StationView, StoredFruit } from '@pomona/wire';
import type { IngestNews } from './ingest.ts';
import type { Logger } from './ports.ts';

export const liveLimits = {
  fruitsMs: 200,
  stationsMs: 1_000,
  /** The newest of each turn; the counts of all of them are in the station's view. */
  fruitsPerEventMax: 60,
} as const;

export type LiveListener = (event: LiveEvent) => void;

export interface LivePorts {
  readonly viewStations: (stations: readonly string[]) => Promise<readonly StationView[]>;
  readonly logger: Logger;
}

export class LiveFeed {
  readonly #ports: LivePorts;
  readonly #listeners = new Set<LiveListener>();
  #fruits: StoredFruit[] = [];
  #stations = new Set<string>();
  #fruitTimer: NodeJS.Timeout | undefined;
  #stationTimer: NodeJS.Timeout | undefined;

  constructor(ports: LivePorts) {
    this.#ports = ports;
  }

  /** Returns what ends the subscription. */
  subscribe(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.stop();
    };
  }

  tell({ newest, stations }: IngestNews): void {
    if (this.#listeners.size === 0) return;
    this.#fruits.push(...newest(liveLimits.fruitsPerEventMax));
    for (const station of stations) this.#stations.add(station);
    this.#fruitTimer ??= setTimeout(() => this.#giveFruits(), liveLimits.fruitsMs);
    this.#stationTimer ??= setTimeout(() => void this.#giveStations(), liveLimits.stationsMs);
  }

  /** At once: alerts are few. */
  tellAlert(alert: AlertView): void {
    this.#give({ kind: 'alert', alert });
  }

  stop(): void {
    clearTimeout(this.#fruitTimer);
    clearTimeout(this.#stationTimer);
    this.#fruitTimer = undefined;
    this.#stationTimer = undefined;
    this.#fruits = [];
    this.#stations = new Set();
  }

  #giveFruits(): void {
    this.#fruitTimer = undefined;
    const fruits = this.#fruits.slice(-liveLimits.fruitsPerEventMax);
    this.#fruits = [];
    if (fruits.length > 0) this.#give({ kind: 'fruits', fruits });
  }

  async #giveStations(): Promise<void> {
    this.#stationTimer = undefined;
    const stations = [...this.#stations];
    this.#stations = new Set();
    try {
      for (const station of await this.#ports.viewStations(stations))
        this.#give({ kind: 'station', station });
    } catch (error) {
      this.#ports.logger.warn({ err: error }, 'could not read the stations for the live pages');
    }
  }

  #give(event: LiveEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
