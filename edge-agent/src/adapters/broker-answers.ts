/**
 * Whether a broker takes what it is sent. At QoS 0 nothing says so, and what a broker that hangs has not read waits in its
 * socket and is delivered when it goes on. A broker answers a ping after what came before it (MQTT 3.1.1, sections 3.12 and
 * 4.6), so that an answer proves that all of it was read. It is asked ten times a second.
 */
import type { MqttClient } from 'mqtt';
import type { Scheduler } from '../use-cases/scheduler.ts';

const everyMs = 100;

interface Ping {
  readonly sentAtMs: number;
  readonly onAnswer: () => void;
}

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
  #onNextAnswer: () => void = () => undefined;
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
      this.#open.push({ sentAtMs: this.#options.scheduler.monotonicMs(), onAnswer: this.#onNextAnswer });
    });
    this.#client.on('packetreceive', ({ cmd }) => {
      if (cmd === 'pingresp') this.#open.shift()?.onAnswer();
    });
    this.#client.on('close', () => this.#cancel());
    this.#askOn();
  }

  /** For how long the broker has owed an answer. */
  get owedMs(): number {
    const [oldest] = this.#open;
    return oldest === undefined ? 0 : this.#options.scheduler.monotonicMs() - oldest.sentAtMs;
  }

  /** Resolves when the broker has read all that was sent before; never on a connection that has ended. */
  taken(): Promise<void> {
    return new Promise((resolve) => this.#ask(resolve));
  }

  #ask(onAnswer: () => void): void {
    if (!this.#client.connected) return;
    this.#onNextAnswer = onAnswer;
    this.#client.sendPing();
    this.#onNextAnswer = () => undefined;
  }

  #askOn(): void {
    this.#cancel = this.#options.scheduler.after(everyMs, () => {
      if (this.owedMs > this.#options.silentMs) return this.#options.onSilent();
      // One that waits is enough: more would only fill the socket.
      if (this.#open.length === 0) this.#ask(() => undefined);
      this.#askOn();
    });
  }
}
