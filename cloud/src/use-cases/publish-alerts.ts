/** Tells the broker's readers of the alerts of each station, in the order of what happened. */
import type { AlertMessage, Clock, StationAddress } from '@pomona/wire';
import type { AlertNews } from './alerts.ts';
import type { Logger } from './ports.ts';

/** What happened while the broker was away; the oldest are let go, and REST has them. */
export const waitingMax = 200;

export interface PublishAlertsPorts {
  readonly link: {
    readonly isConnected: boolean;
    publishAlert(station: StationAddress, message: AlertMessage): Promise<void>;
  };
  readonly stations: { findMany(names: readonly string[]): Promise<readonly StationAddress[]> };
  readonly clock: Clock;
  readonly logger: Logger;
}

export class AlertPublisher {
  readonly #ports: PublishAlertsPorts;
  readonly #waiting: AlertMessage[] = [];
  #sending: Promise<void> | undefined;
  #again = false;
  #isStopped = false;

  constructor(ports: PublishAlertsPorts) {
    this.#ports = ports;
  }

  tell({ event, alert }: AlertNews): void {
    const { clock, logger } = this.#ports;
    if (alert.station === null) return;
    this.#waiting.push({ v: 1, event, at: new Date(clock.nowMs()).toISOString(), alert });
    if (this.#waiting.length > waitingMax) {
      const dropped = this.#waiting.shift();
      logger.warn(
        { alert: dropped?.alert.id },
        'the broker’s readers are not told of an alert: too many wait',
      );
    }
    this.send();
  }

  /** Sends what waits, if the broker is there; called again at each connection. */
  send(): void {
    if (this.#isStopped) return;
    if (this.#sending !== undefined) {
      this.#again = true;
      return;
    }
    this.#sending = this.#sendAll()
      .catch((error: unknown) =>
        this.#ports.logger.warn({ err: error }, 'alerts wait for the next one, or for the broker'),
      )
      .finally(() => {
        this.#sending = undefined;
        if (!this.#again) return;
        this.#again = false;
        this.send();
      });
  }

  /** What waits is lost to the broker's readers. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#ports.link.isConnected) await this.#sending;
  }

  async #sendAll(): Promise<void> {
    const { link, stations, logger } = this.#ports;
    for (let [next] = this.#waiting; next && link.isConnected && !this.#isStopped; [next] = this.#waiting) {
      const message = next;
      const [address] = await stations.findMany([message.alert.station ?? '']);
      try {
        if (address) await link.publishAlert(address, message);
      } catch (error) {
        // Away meanwhile: it goes out at the next connection. One that cannot be sent at all must not hold up the others.
        if (!link.isConnected) return;
        logger.warn(
          { err: error, alert: message.alert.id },
          'the broker’s readers were not told of an alert',
        );
      }
      if (this.#waiting[0] === message) this.#waiting.shift();
    }
  }
}
