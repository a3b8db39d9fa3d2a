/**
 * The connection to the broker: MQTT 3.1.1 over TLS with the station's certificate.
 *
 * Each attempt is a client of its own, so nothing of a lost connection lives on in the library: what must arrive is in the
 * outbox and is sent again from there. The client's id is the station's, so that a new connection takes over from a
 * half-open one, whose will the broker then publishes before the birth and not after it.
 */
import { createSecureContext, type SecureContext } from 'node:tls';
import {
  type ChannelName,
  channelNames,
  channels,
  encode,
  type Random,
  type StationAddress,
  type Status,
  topicOf,
} from '@pomona/wire';
import { MqttClient } from 'mqtt';
import { backoff } from '../domain/backoff.ts';
import type { Rejections } from '../domain/rejections.ts';
import type { Link } from '../use-cases/link.ts';
import type { Scheduler } from '../use-cases/scheduler.ts';
import { clockTrouble } from './certificate-time.ts';
import { PacketConnection } from './packet-connection.ts';

/** Mobile networks forget a silent connection after a minute or more. */
const keepaliveS = 30;
const connectTimeoutMs = 15_000;
const inFlightMax = 32;
/** The largest payload, and its topic and such. */
const packetBytesMax = Math.max(...channelNames.map((name) => channels[name].maxBytes)) + 4_096;
const reconnect = { firstMs: 1_000, maxMs: 60_000 };
/** How long a stop waits for the broker to take the last words. */
const farewellMs = 1_500;

export interface MqttLinkOptions {
  readonly url: string;
  readonly address: StationAddress;
  /** PEM texts. */
  readonly tls: { readonly key: string; readonly cert: string; readonly ca: string };
  readonly status: (state: Status['state']) => Status;
  readonly onUp: () => void;
  readonly onDown: (reason: string) => void;
  /** A message on a channel that is this station's to read, not decoded yet. */
  readonly onMessage: (channel: DownChannel, bytes: Buffer) => void;
  readonly rejections: Rejections;
  readonly onRejected: (channel: string, cause: string, detail: string) => void;
  readonly scheduler: Scheduler;
  readonly random: Random;
}

/** Alerts are for people and their programs. */
export type DownChannel = Exclude<
  { [K in ChannelName]: (typeof channels)[K]['direction'] extends 'down' ? K : never }[ChannelName],
  'alerts'
>;

const downChannels = channelNames.filter(
  (name): name is DownChannel => channels[name].direction === 'down' && name !== 'alerts',
);

export class MqttLink implements Link {
  readonly #options: MqttLinkOptions;
  readonly #channelOf: ReadonlyMap<string, DownChannel>;
  /** One for all connections: each would read keys and certificates anew, into memory outside of the heap. */
  #secureContext: SecureContext | undefined;
  #tls: MqttLinkOptions['tls'];
  #client: MqttClient | undefined;
  #up = false;
  #inFlight = 0;
  #stopped = true;
  #pauses: Iterator<number, never>;
  #cancelRetry: () => void = () => undefined;

  constructor(options: MqttLinkOptions) {
    this.#options = options;
    this.#tls = options.tls;
    this.#pauses = backoff(reconnect, options.random);
    this.#channelOf = new Map(downChannels.map((name) => [topicOf(options.address, name), name]));
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#connect();
  }

  isUp(): boolean {
    return this.#up;
  }

  send(channel: ChannelName, bytes: Buffer): boolean {
    if (!this.#up || this.#inFlight >= inFlightMax) return false;
    this.#publish(channel, bytes, () => undefined);
    return true;
  }

  /** From the next connection on. */
  renew(cert: string): void {
    this.#tls = { ...this.#tls, cert };
    this.#secureContext = undefined;
  }

  /** Says again that it is there, since something that the birth tells has changed. */
  announce(): void {
    if (this.#up) this.#publish('status', this.#encodeStatus('online'), () => undefined);
  }

  /** Says goodbye, waits a moment for it to be taken, and closes. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRetry();
    const client = this.#client;
    if (client === undefined) return;
    if (this.#up) {
      await new Promise<void>((resolve) => {
        const cancel = this.#options.scheduler.after(farewellMs, resolve);
        this.#publish('status', this.#encodeStatus('offline'), () => {
          cancel();
          resolve();
        });
      });
    }
    this.#up = false;
    this.#client = undefined;
    await client.endAsync(true);
  }

  #connect(): void {
    const { url, address } = this.#options;
    this.#secureContext ??= createSecureContext(this.#tls);
    const secureContext = this.#secureContext;
    const client = new MqttClient(() => new PacketConnection({ url, secureContext, packetBytesMax }), {
      clientId: address.station,
      protocolVersion: 4,
      clean: true,
      keepalive: keepaliveS,
      connectTimeout: connectTimeoutMs,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      will: {
        topic: topicOf(address, 'status'),
        payload: this.#encodeStatus('offline'),
        qos: channels.status.qos,
        retain: channels.status.retain,
      },
    });
    this.#client = client;
    this.#inFlight = 0;
    let reason = 'the connection was closed';
    client.on('error', (error) => {
      reason = reasonOf(error);
    });
    client.on('connect', () => this.#onConnect(client));
    client.on('message', (topic, payload) => this.#onMessage(topic, payload));
    client.once('close', () => this.#onClose(client, reason));
  }

  async #onConnect(client: MqttClient): Promise<void> {
    const filters = Object.fromEntries(
      [...this.#channelOf].map(([topic, name]) => [topic, { qos: channels[name].qos }]),
    );
    try {
      await client.subscribeAsync(filters);
    } catch (error) {
      client.emit('error', error as Error);
      client.end(true);
      return;
    }
    if (client !== this.#client || this.#stopped) return;
    this.#pauses = backoff(reconnect, this.#options.random);
    this.#up = true;
    this.announce();
    this.#options.onUp();
  }

  #onClose(client: MqttClient, reason: string): void {
    if (client !== this.#client || this.#stopped) return;
    this.#up = false;
    this.#client = undefined;
    client.end(true);
    this.#options.onDown(reason);
    const pauseMs = this.#pauses.next().value;
    this.#cancelRetry = this.#options.scheduler.after(pauseMs, () => this.#connect());
  }

  #onMessage(topic: string, payload: Buffer): void {
    const channel = this.#channelOf.get(topic);
    if (channel === undefined) {
      if (this.#options.rejections.count('unknown', 'topic'))
        this.#options.onRejected('unknown', 'topic', topic.slice(0, 200));
      return;
    }
    this.#options.onMessage(channel, payload);
  }

  #publish(channel: ChannelName, bytes: Buffer, onDone: () => void): void {
    const { qos, retain } = channels[channel];
    const client = this.#client;
    this.#inFlight++;
    client?.publish(topicOf(this.#options.address, channel), bytes, { qos, retain }, () => {
      if (client === this.#client) this.#inFlight--;
      onDone();
    });
  }

  #encodeStatus(state: Status['state']): Buffer {
    return encode('status', this.#options.status(state));
  }
}

/** Of MQTT 3.1.1, table 3.1: who it is was understood, and is not let in. */
const notAuthorized = 5;

function reasonOf(error: Error & { readonly code?: unknown }): string {
  if (error.code !== notAuthorized) return clockTrouble(error) ?? error.message;
  return 'the control plane refuses this station’s certificate: the station was enrolled again since, or is unknown there. If this board is the right one, make a new claim and use it with `enrol --again`';
}
