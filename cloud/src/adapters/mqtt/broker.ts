/**
 * The embedded broker: Aedes over TLS. Aedes speaks MQTT 3.1.1 and keeps everything in memory, so sessions are always
 * clean (a subscriber that stays away must not pile up messages) and retained messages are published again at each
 * start. A connection is a station or the control plane by its certificate, or a reader by user and password; what it
 * may do comes from the channel table. A client's id is taken within its principal, so that nobody can take over the
 * session of somebody else by using its id.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import {
  channelNames,
  channelRow,
  type Principal,
  type StationAddress,
  topicOf,
  topicRoot,
} from '@pomona/wire';
import { Aedes, type AuthenticateError, type Client } from 'aedes';
import type { Logger } from '../../use-cases/ports.ts';
import type { Rejections } from '../../use-cases/rejections.ts';
import { listen } from '../net/listen.ts';
import type { TlsIdentity } from '../pki/server-identity.ts';
import { type Access, accessOf, mayRetain } from './access.ts';
import { GuardedConnection } from './guarded-connection.ts';
import { type IdentityStores, identify } from './identify.ts';

export const brokerLimits = {
  connectionsMax: 5_000,
  connectMs: 10_000,
  /** A subscriber that takes nothing for so long is disconnected. */
  drainMs: 5_000,
  clientIdCharsMax: 200,
  /** Topic, packet id and such on top of the largest payload. */
  packetOverheadBytes: 4_096,
  outgoingBytesMax: 8 * 1024 * 1024,
  readerBacklogBytesMax: 4 * 1024 * 1024,
  /** A reader that was removed or changed by a command is disconnected within that. */
  revokedWithinMs: 5_000,
  /** Chunks that a device does not take in time are left out; it asks for them again. */
  chunkBacklogBytesMax: 2 * 1024 * 1024,
} as const;

const packetBytesMax =
  Math.max(...channelNames.map((name) => channelRow(name).maxBytes)) + brokerLimits.packetOverheadBytes;

export interface BrokerOptions {
  readonly host: string;
  readonly port: number;
  readonly identity: TlsIdentity;
  readonly caPem: string;
  readonly stores: IdentityStores;
  readonly rejections: Rejections;
  readonly logger: Logger;
}

interface Session {
  readonly principal: Principal;
  readonly access: Access;
}

export class EmbeddedBroker {
  readonly #options: BrokerOptions;
  readonly #sessions = new WeakMap<Client, Session>();
  readonly #sockets = new Set<TLSSocket>();
  /** Readers that are connected, each with whether it still may be. */
  readonly #readers = new Map<Client, () => Promise<boolean>>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #aedes: Aedes | undefined;
  #server: Server | undefined;

  constructor(options: BrokerOptions) {
    this.#options = options;
  }

  /** Resolves with the port. Errors: `port-in-use`, `port-not-allowed`. */
  async start(): Promise<number> {
    const { host, port, identity, caPem, logger } = this.#options;
    const aedes = await Aedes.createBroker({
      concurrency: 10_000,
      connectTimeout: brokerLimits.connectMs,
      drainTimeout: brokerLimits.drainMs,
      maxClientsIdLength: brokerLimits.clientIdCharsMax,
      maxTopicLevels: 10,
      preConnect: (client, packet, done) => this.#preConnect(client, packet, done),
      authenticate: (client, user, password, done) => {
        this.#authenticate(client, user, password).then(
          (failure) => done(failure, failure === null),
          (error: unknown) => {
            logger.error({ err: error }, 'could not check who connects');
            done(refusal(3), false);
          },
        );
      },
      authorizePublish: (client, packet, done) => done(this.#refusePublish(client, packet)),
      authorizeSubscribe: (client, subscription, done) =>
        done(null, this.#maySubscribe(client, subscription.topic) ? subscription : null),
      authorizeForward: (client, packet) => (this.#hasRoom(client, packet) ? packet : null),
    });
    aedes.on('clientError', (client: Client, error: Error) =>
      logger.debug({ client: client.id, err: error }, 'a connection ended'),
    );
    aedes.on('connectionError', (_client: Client, error: Error) =>
      logger.debug({ err: error }, 'a connection never began'),
    );
    this.#aedes = aedes;
    this.#server = createServer(
      {
        key: identity.keyPem,
        cert: identity.chainPem,
        ca: caPem,
        requestCert: true,
        // Readers have no certificate; a certificate that is shown and not ours is refused in `identify`.
        rejectUnauthorized: false,
        minVersion: 'TLSv1.2',
        handshakeTimeout: brokerLimits.connectMs,
      },
      (socket) => this.#connect(aedes, socket),
    );
    this.#server.maxConnections = brokerLimits.connectionsMax;
    this.#server.on('tlsClientError', (error) => logger.debug({ err: error }, 'a TLS handshake failed'));
    const listensAt = await listen(this.#server, { host, port, purpose: 'MQTT', flag: '--mqtt-port' });
    this.#timer = setInterval(() => this.#lookForRevoked(), brokerLimits.revokedWithinMs);
    return listensAt;
  }

  /** Connections that were let in: stations, readers, and the control plane itself. */
  get clients(): number {
    return this.#aedes?.connectedClients ?? 0;
  }

  /**
   * Straight to the station's connection: over a connection of the control plane's own each byte of a release would be encrypted twice and decrypted
   * once more in this process. Waits while the station's connection is full; dropped, like each message of QoS 0, when nobody subscribes.
   */
  publishChunk(station: StationAddress, chunk: Uint8Array): Promise<void> {
    const { qos, retain } = channelRow('transfer/chunk');
    const payload = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const topic = topicOf(station, 'transfer/chunk');
    return new Promise((resolve, reject) => {
      if (this.#aedes === undefined) reject(new Error('the broker has stopped'));
      else
        this.#aedes.publish({ cmd: 'publish', topic, payload, qos, retain, dup: false }, (error) =>
          error ? reject(error) : resolve(),
        );
    });
  }

  renew(identity: TlsIdentity): void {
    this.#server?.setSecureContext({
      key: identity.keyPem,
      cert: identity.chainPem,
      ca: this.#options.caPem,
    });
  }

  async stop(): Promise<void> {
    const aedes = this.#aedes;
    const server = this.#server;
    this.#aedes = undefined;
    this.#server = undefined;
    clearInterval(this.#timer);
    await this.#looking;
    if (aedes) await new Promise<void>((resolve) => aedes.close(resolve));
    if (server?.listening) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of this.#sockets) socket.destroySoon();
      await closed;
    }
  }

  #connect(aedes: Aedes, socket: TLSSocket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.setNoDelay(true);
    const limits = { packetBytesMax, outgoingBytesMax: brokerLimits.outgoingBytesMax };
    const connection: GuardedConnection = new GuardedConnection(socket, limits, () => {
      const detail = `over ${packetBytesMax} bytes; from ${socket.remoteAddress}`;
      this.#count(undefined, null, 'packet-oversized', detail);
    });
    aedes.handle(connection);
  }

  #preConnect(
    client: Client,
    packet: { clientId: string; clean?: boolean; username?: string },
    done: (error: Error | null, success: boolean) => void,
  ): void {
    if (packet.clientId.length > brokerLimits.clientIdCharsMax) {
      this.#count(undefined, null, 'client-id-oversized', `${packet.clientId.length} characters`);
      done(new Error('client id too long'), false);
      return;
    }
    const certificate = socketOf(client).getPeerCertificate();
    const scope = certificate.subject ? `certificate:${certificate.subject.CN}` : `user:${packet.username}`;
    packet.clientId = `${scope}:${packet.clientId || randomUUID()}`;
    packet.clean = true;
    done(null, true);
  }

  async #authenticate(
    client: Client,
    user: string | undefined,
    password: Uint8Array | undefined,
  ): Promise<AuthenticateError | null> {
    const { stores } = this.#options;
    const identified = await identify(socketOf(client), { user, password }, stores);
    if (!identified.ok) {
      this.#count(undefined, null, identified.cause, identified.detail);
      return refusal(identified.cause === 'wrong-password' ? 4 : 5);
    }
    const { principal, address, isStill } = identified;
    this.#sessions.set(client, { principal, access: accessOf(principal, address) });
    if (isStill !== undefined && !client.conn.destroyed) {
      this.#readers.set(client, isStill);
      client.conn.once('close', () => this.#readers.delete(client));
    }
    return null;
  }

  #lookForRevoked(): void {
    const { logger } = this.#options;
    this.#looking ??= this.#endRevoked()
      .catch((error: unknown) => logger.error({ err: error }, 'could not look who may still read'))
      .finally(() => {
        this.#looking = undefined;
      });
  }

  async #endRevoked(): Promise<void> {
    for (const [client, isStill] of this.#readers) {
      if (await isStill()) continue;
      this.#options.logger.info(
        { client: client.id },
        'a reader was removed or changed: its connection ends',
      );
      client.conn.destroy(new Error('the reader was removed or changed'));
    }
  }

  /** An error ends the connection: MQTT 3.1.1 has no other way to refuse a publication (section 3.3.5). */
  #refusePublish(client: Client | null, packet: { topic: string; retain: boolean }): Error | null {
    // Without a client it is the broker's own message.
    if (client === null) return null;
    const session = this.#sessions.get(client);
    const parsed = session?.access.mayPublish(packet.topic);
    if (parsed) {
      packet.retain &&= mayRetain(parsed);
      return null;
    }
    this.#count(session?.principal, packet.topic, 'publish-not-allowed', packet.topic);
    return new Error(`not allowed to publish to ${packet.topic.slice(0, 200)}`);
  }

  #maySubscribe(client: Client, filter: string): boolean {
    const session = this.#sessions.get(client);
    if (session?.access.maySubscribe(filter)) return true;
    this.#count(session?.principal, null, 'subscribe-not-allowed', filter);
    return false;
  }

  #hasRoom(client: Client, packet: { qos: number }): boolean {
    const session = this.#sessions.get(client);
    const backlog = client.conn.writableLength;
    if (session?.principal.kind === 'reader' && backlog > brokerLimits.readerBacklogBytesMax) {
      this.#count(session.principal, null, 'reader-too-slow', `${backlog} bytes were waiting`);
      client.conn.destroy(new Error('the reader is too slow'));
      return false;
    }
    const isSkippable = session?.principal.kind === 'station' && packet.qos === 0;
    return !(isSkippable && backlog > brokerLimits.chunkBacklogBytesMax);
  }

  #count(principal: Principal | undefined, topic: string | null, cause: string, detail: string): void {
    const station = principal?.kind === 'station' ? principal.station : null;
    const level = topic?.startsWith(`${topicRoot}/`) ? topic.split('/').slice(5).join('/') : '';
    const channel = channelNames.find((name) => name === level) ?? null;
    this.#options.rejections.count({ station, channel, cause, detail });
  }
}

function socketOf(client: Client): TLSSocket {
  return (client.conn as GuardedConnection).socket;
}

/** MQTT 3.1.1, table 3.1: 3 server unavailable, 4 bad user name or password, 5 not authorized. */
function refusal(returnCode: 3 | 4 | 5): AuthenticateError {
  return Object.assign(new Error('refused'), { returnCode: returnCode as AuthenticateError['returnCode'] });
}
