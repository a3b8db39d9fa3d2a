/** What a person should look at. One alert per episode: raising it again while it is open changes nothing, unless it got worse. */
import { type AlertEvent, type AlertView, AppError, type Clock } from '@pomona/wire';
import type { Logger } from './ports.ts';

export type NewAlert = Pick<AlertView, 'kind' | 'severity' | 'station' | 'title' | 'detail' | 'evidence'>;

export interface AlertNews {
  readonly event: AlertEvent;
  readonly alert: AlertView;
}

export type AlertListener = (news: AlertNews) => void;

export interface AlertPorts {
  readonly store: {
    /** Undefined where nothing changed. */
    open(alert: NewAlert, nowMs: number): Promise<AlertNews | undefined>;
    close(kind: AlertView['kind'], station: string | null, nowMs: number): Promise<AlertView | undefined>;
    acknowledge(id: number, actor: string, note: string, nowMs: number): Promise<AlertView | undefined>;
    list(kind?: AlertView['kind']): Promise<AlertView[]>;
  };
  readonly clock: Clock;
  readonly logger: Logger;
}

export class Alerts {
  readonly #ports: AlertPorts;
  readonly #listeners = new Set<AlertListener>();

  constructor(ports: AlertPorts) {
    this.#ports = ports;
  }

  /** `listener` is told after each change, and must not throw. Returns what ends it. */
  subscribe(listener: AlertListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** While one of the kind is open for the station, it makes that critical where this one is, and else does nothing: what was critical stays so. */
  async raiseAlert(alert: NewAlert): Promise<void> {
    const { store, clock, logger } = this.#ports;
    const news = await store.open(alert, clock.nowMs());
    if (news === undefined) return;
    const { id, kind, severity, station, title, detail, evidence } = news.alert;
    logger.warn({ alert: id, event: news.event, kind, severity, station, detail, evidence }, title);
    this.#tell(news.event, news.alert);
  }

  /** The cause is gone; does nothing when none is open. */
  async closeAlert(kind: AlertView['kind'], station: string | null): Promise<void> {
    const { store, clock, logger } = this.#ports;
    const closed = await store.close(kind, station, clock.nowMs());
    if (closed === undefined) return;
    logger.info({ alert: closed.id, kind, station }, `over: ${closed.title}`);
    this.#tell('over', closed);
  }

  /** Error: `alert-unknown`. */
  async acknowledge(id: number, actor: string, note: string): Promise<AlertView> {
    const alert = await this.#ports.store.acknowledge(id, actor, note, this.#ports.clock.nowMs());
    if (alert === undefined)
      throw new AppError('alert-unknown', `there is no alert ${id}`, {
        hint: 'See the list: pomona alert list.',
      });
    this.#ports.logger.info({ alert: id, actor, note }, `acknowledged: ${alert.title}`);
    this.#tell('acknowledged', alert);
    return alert;
  }

  /** Open ones first, then those that are over; each newest first. Of all kinds unless one is named. */
  list(kind?: AlertView['kind']): Promise<AlertView[]> {
    return this.#ports.store.list(kind);
  }

  #tell(event: AlertEvent, alert: AlertView): void {
    for (const listener of this.#listeners) listener({ event, alert });
  }
}
