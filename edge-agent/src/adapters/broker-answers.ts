/**
 * Whether a broker takes what it is sent. At QoS 0 nothing says so, and what a broker that hangs has not read waits in its
 * socket and is delivered when it goes on. A broker answers a ping after what came before it (MQTT 3.1.1, sections 3.12 and
 * 4.6), so that an answer proves that all of it was read. It is asked ten times a second.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { MqttClient } from 'mqtt';
import type { Scheduler } from '../use-cases/scheduler.ts';

const everyMs = 100;

interface Ping {
  readonly sentAtMs: number;
  readonly onAnswer: () => void;
  readonly onLost: () => void;
}

const nobody = { onAnswer: () => undefined, onLost: () => undefined };

export interface BrokerAnswersOptions {
  readonly scheduler: Scheduler;
  /** Without an answer for so long it hangs. */
  readonly silentMs: number;
  readonly onSilent: () => void;
}

export class BrokerAnswers {
  readonly #client: MqttClient;
  readonly #options: BrokerAnswersOptions;
  /** Those without an answer, the oldest first. */
  readonly #open: Ping[] = [];
  /** Who waits for the answer to the next ping. */
  #waiting: Omit<Ping, 'sentAtMs'> = nobody;
  #cancel: () => void = () => undefined;

  constructor(client: MqttClient, options: BrokerAnswersOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Until the connection ends. */
  start(): void {
    // The library sends pings of its own, and the broker answers those as well.
    this.#client.on('packetsend', ({ cmd }) => {
      if (cmd !== 'pingreq') return;
      this.#open.push({ sentAtMs: this.#options.scheduler.monotonicMs(), ...this.#waiting });
    });
    this.#client.on('packetreceive', ({ cmd }) => {
      if (cmd === 'pingresp') this.#open.shift()?.onAnswer();
    });
    this.#client.on('close', () => {
      this.#cancel();
      for (const { onLost } of this.#open.splice(0)) onLost();
    });
    this.#askOn();
  }

  /** It has owed an answer for so long. After this thread was busy one may have come that is not read yet: `settled`. */
  owesFor(ms: number): boolean {
    const [oldest] = this.#open;
    return oldest !== undefined && this.#options.scheduler.monotonicMs() - oldest.sentAtMs > ms;
  }

  /** Resolves when what has come is read. */
  settled(): Promise<void> {
    return turn();
  }

  /** Resolves when the broker has read all that was sent before; rejects when the connection ends before, or has ended. */
  taken(): Promise<void> {
    return new Promise((resolve, reject) => {
      const onLost = (): void => reject(new Error('the connection was lost'));
      if (this.#client.connected) this.#ask({ onAnswer: resolve, onLost });
      else onLost();
    });
  }

  #ask(waiting: Omit<Ping, 'sentAtMs'>): void {
    this.#waiting = waiting;
    this.#client.sendPing();
    this.#waiting = nobody;
  }

  #askOn(): void {
    const { scheduler, silentMs, onSilent } = this.#options;
    this.#cancel = scheduler.after(everyMs, async () => {
      if (this.owesFor(silentMs)) await this.settled();
      if (!this.#client.connected) return;
      if (this.owesFor(silentMs)) return onSilent();
      // One that waits is enough: more would only fill the socket.
      if (this.#open.length === 0) this.#ask(nobody);
      this.#askOn();
    });
  }
}
