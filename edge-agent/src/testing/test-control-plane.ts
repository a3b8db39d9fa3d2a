/** As much of a control plane as an agent can see: enrolment, broker, trusted metadata, chunks, acknowledgements. */
import { mkdirSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { generateSigningKey, openTrustRepository, signDesired } from '@pomona/release';
import {
  type ChannelName,
  type Claim,
  type Desired,
  decode,
  encode,
  encodeChunk,
  type Health,
  parseTopic,
  type Reported,
  type Status,
  systemClock,
  topicOf,
} from '@pomona/wire';
import { Aedes } from 'aedes';
import { ChunkServer } from './chunk-server.ts';
import { type SampleRelease, sampleAddress } from './sample-release.ts';
import { createTestAuthority } from './test-authority.ts';

export interface TestControlPlane {
  readonly claim: Claim;
  /** How often each fruit arrived, by `boot seq`. */
  readonly fruits: ReadonlyMap<string, number>;
  readonly health: readonly Health[];
  readonly statuses: readonly Status[];
  readonly reported: readonly Reported[];
  acknowledges: boolean;
  publish(release: SampleRelease): Promise<void>;
  desire(desired: Desired): void;
  send(channel: ChannelName, bytes: Buffer): void;
  dropConnections(): void;
  stop(): Promise<void>;
}

export async function startTestControlPlane(folder: string): Promise<TestControlPlane> {
  mkdirSync(folder, { recursive: true });
  const authority = await createTestAuthority();
  const tls = await authority.issueServer();
  const desiredKey = generateSigningKey();
  const trust = await openTrustRepository({
    folder: join(folder, 'trust'),
    keysFolder: join(folder, 'keys'),
    clock: systemClock,
  });
  const chunks = new ChunkServer();
  const fruits = new Map<string, number>();
  const health: Health[] = [];
  const statuses: Status[] = [];
  const reported: Reported[] = [];
  const sockets = new Set<TLSSocket>();

  const broker = await Aedes.createBroker();
  const brokerServer = createTlsServer(
    { ...tls, requestCert: true, rejectUnauthorized: true, ca: authority.certificatePem },
    (socket) => {
      sockets.add(socket);
      broker.handle(socket);
    },
  );
  await listen(brokerServer);

  const send = (channel: ChannelName, payload: Buffer, retain = false): void => {
    const topic = topicOf(sampleAddress, channel);
    broker.publish({ cmd: 'publish', topic, payload, qos: 1, retain, dup: false }, () => undefined);
  };
  chunks.deliver = (chunk) => send('transfer/chunk', encodeChunk(chunk));

  const plane: TestControlPlane = {
    claim: {
      v: 1,
      ...sampleAddress,
      url: '',
      caSha256: authority.sha256,
      token: 'one-time-token-of-a-station',
      expiresAt: '2099-01-01T00:00:00.000Z',
    },
    fruits,
    health,
    statuses,
    reported,
    acknowledges: true,
    async publish({ ref, manifest, blobs }) {
      await trust.publishManifest(ref, manifest);
      for (const [digest, bytes] of blobs) chunks.files.set(`blobs/${digest}`, bytes);
      chunks.files.set(`blobs/${ref.digest}`, manifest);
    },
    desire: (desired) => send('desired', encode('desired', signDesired(desired, desiredKey)), true),
    send,
    dropConnections() {
      for (const socket of sockets) socket.destroy();
      sockets.clear();
    },
    async stop() {
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await Promise.all([close(brokerServer), close(enrolServer)]);
    },
  };

  const acknowledge = (boot: string, seqs: readonly number[]): void => {
    const ranges = seqs.map((seq): [number, number] => [seq, seq]);
    const at = new Date().toISOString();
    if (plane.acknowledges) send('ack', encode('ack', { v: 1, boot, at, ranges }));
  };
  const hear = (channel: ChannelName, payload: Buffer): void => {
    if (channel === 'grades') {
      const { boot, fruits: batch } = exact('grades', payload);
      for (const { seq } of batch) fruits.set(`${boot} ${seq}`, (fruits.get(`${boot} ${seq}`) ?? 0) + 1);
      acknowledge(
        boot,
        batch.map(({ seq }) => seq),
      );
    } else if (channel === 'health') {
      const record = exact('health', payload);
      health.push(record);
      acknowledge(record.boot, [record.seq]);
    } else if (channel === 'status') statuses.push(exact('status', payload));
    else if (channel === 'reported') reported.push(exact('reported', payload));
    else if (channel === 'transfer/request') void answer(payload);
  };
  /** Metadata changes with every publication, so it is read when it is asked for. */
  const answer = async (payload: Buffer): Promise<void> => {
    const { path } = exact('transfer/request', payload);
    if (path.startsWith('metadata/')) {
      const bytes = await trust.readMetadata(path.slice('metadata/'.length));
      if (bytes) chunks.files.set(path, bytes);
    }
    chunks.send('transfer/request', payload);
  };
  broker.on('publish', ({ topic, payload }) => {
    const channel = parseTopic(topic)?.channel;
    if (channel !== undefined) hear(channel, Buffer.from(payload));
  });

  let claimed = false;
  const enrolServer = createHttpsServer(tls, async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const { token, csrPem } = JSON.parse(Buffer.concat(parts).toString()) as {
      token: string;
      csrPem: string;
    };
    const isGood = token === plane.claim.token && !claimed;
    claimed = true;
    const { certificatePem } = await authority.signRequest(csrPem);
    const enrolment = {
      ...sampleAddress,
      certificatePem,
      caPem: authority.certificatePem,
      brokerUrl: `mqtts://127.0.0.1:${portOf(brokerServer)}`,
      trustRoot: trust.rootJson(),
      desiredKeyPem: desiredKey.publicKeyPem,
    };
    const problem = { code: 'claim-used', message: 'the claim was used', hint: 'none' };
    response.writeHead(isGood ? 200 : 403).end(JSON.stringify(isGood ? enrolment : problem));
  });
  await listen(enrolServer);
  return Object.assign(plane, { claim: { ...plane.claim, url: `https://127.0.0.1:${portOf(enrolServer)}` } });
}

function exact<K extends 'grades' | 'health' | 'status' | 'reported' | 'transfer/request'>(
  channel: K,
  payload: Buffer,
) {
  const decoded = decode(channel, payload);
  if (!decoded.ok) throw new Error(`an agent sent ${channel}: ${decoded.detail}`);
  return decoded.value;
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
