import {
  type Ack,
  type AlertMessage,
  AppError,
  type ChannelName,
  channelNames,
  channelRow,
  encode,
  filterOf,
  type SignedEnvelope,
  type StationAddress,
  topicOf,
} from '@pomona/wire';
import { connectAsync, type MqttClient } from 'mqtt';
import { controlPlaneName } from '../../use-cases/control-plane-name.ts';
import type { Logger } from '../../use-cases/ports.ts';
import type { TlsIdentity } from '../pki/server-identity.ts';

export interface LinkOptions {
  readonly url: string;
  readonly caPem: string;
  readonly identity: TlsIdentity;
  readonly onMessage: (topic: string, payload: Uint8Array) => void;
  /** After each connection, the first included. */
  readonly onConnected: () => void;
  readonly logger: Logger;
}

/**
 * The control plane as a client of the broker, like any other: with a certificate of its own, over TLS. It subscribes to
 * what comes up and publishes what goes down. While the broker is away, publishing fails at once.
 */
export class ControlPlaneLink {
  readonly #options: LinkOptions;
  readonly #listeners = new Set<() => void>();
  #client: MqttClient | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** Error: `broker-unreachable`, at the first connection; later ones are tried for ever. */
  async start(): Promise<void> {
    const { url, caPem, identity, onMessage, logger } = this.#options;
    const onConnected = () => {
      this.#options.onConnected();
      for (const listener of this.#listeners) listener();
    };
    const client = await connectAsync(url, {
      ca: caPem,
      key: identity.keyPem,
      cert: identity.certificatePem,
      clientId: controlPlaneName,
      protocolVersion: 4,
      clean: true,
      reconnectPeriod: 1_000,
      queueQoSZero: false,
      resubscribe: true,
    }).catch((error: Error) => {
      throw unreachable(url, error);
    });
    this.#client = client;
    client.on('error', (error) => logger.warn({ err: error }, 'the connection to the broker has a problem'));
    client.on('offline', () => logger.warn({}, 'the broker is away'));
    client.on('message', (topic, payload) => onMessage(topic, payload));
    client.on('connect', onConnected);
    const up = channelNames.filter((name) => channelRow(name).direction === 'up');
    await client.subscribeAsync(
      Object.fromEntries(up.map((name) => [filterOf(name), { qos: channelRow(name).qos }])),
    );
    onConnected();
  }

  /** For the next connection; the library connects again with the options that it has. */
  renew({ keyPem: key, certificatePem: cert }: TlsIdentity): void {
    if (this.#client) Object.assign(this.#client.options, { key, cert });
  }

  get isConnected(): boolean {
    return this.#client?.connected === true;
  }

  /** `listener` is told of each connection from now on. Returns what ends it. */
  subscribeConnected(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.endAsync(true);
  }

  publishAck(station: StationAddress, ack: Ack): Promise<void> {
    return this.#publish(station, 'ack', encode('ack', ack));
  }

  publishDesired(station: StationAddress, envelope: SignedEnvelope): Promise<void> {
    return this.#publish(station, 'desired', encode('desired', envelope));
  }

  publishChunk(station: StationAddress, chunk: Uint8Array): Promise<void> {
    return this.#publish(station, 'transfer/chunk', chunk);
  }

  publishAlert(station: StationAddress, message: AlertMessage): Promise<void> {
    return this.#publish(station, 'alerts', encode('alerts', message));
  }

  async #publish(station: StationAddress, channel: ChannelName, payload: Uint8Array): Promise<void> {
    const client = this.#client;
    if (!client?.connected) throw new Error('the broker is away');
    const { qos, retain } = channelRow(channel);
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    await client.publishAsync(topicOf(station, channel), bytes, { qos, retain });
  }
}

function unreachable(url: string, cause: Error): AppError {
  return new AppError('broker-unreachable', `the broker ${url} cannot be reached: ${cause.message}`, {
    hint: 'See that the broker runs, and with a certificate as `pomona broker mosquitto` writes it.',
    cause,
  });
}
