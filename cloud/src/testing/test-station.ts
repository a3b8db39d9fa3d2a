/** A station as a test needs it: enrolled with a claim over HTTPS, with a certificate and the sending side of its channels. */

import { webcrypto as crypto, type webcrypto } from 'node:crypto';
import { request } from 'node:https';
import {
  type ChannelName,
  channelRow,
  type EnrolResponse,
  encode,
  type Grades,
  type JsonChannelName,
  type Payload,
  type StationAddress,
  topicOf,
} from '@pomona/wire';
import { connectAsync, type MqttClient } from 'mqtt';
import { keyAlgorithm } from '../adapters/pki/key-pair.ts';
import * as x509 from '../adapters/pki/x509.ts';
import type { ControlPlane } from '../control-plane.ts';

export interface StationIdentity extends StationAddress {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly answer: EnrolResponse;
}

export async function createCsr(
  commonName: string,
  algorithm: typeof keyAlgorithm | webcrypto.EcKeyGenParams = keyAlgorithm,
): Promise<{ csrPem: string; keyPem: string }> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [{ CN: [commonName] }],
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
  });
  const der = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { csrPem: csr.toString('pem'), keyPem: x509.PemConverter.encode(der, 'PRIVATE KEY') };
}

export async function enrolTestStation(
  plane: ControlPlane,
  station: string,
  site = 'orchard',
  line = 'one',
  localAddress?: string,
): Promise<StationIdentity> {
  const claim = await plane.claim({ site, line, station });
  const { csrPem, keyPem } = await createCsr(station);
  const { status, body } = await postEnrol(plane, { token: claim.token, csrPem }, localAddress);
  if (status !== 200) throw new Error(`enrolment answered ${status}: ${JSON.stringify(body)}`);
  const answer = body as EnrolResponse;
  return { site, line, station, keyPem, certificatePem: answer.certificatePem, answer };
}

export async function postEnrol(
  plane: Pick<ControlPlane, 'urls' | 'caPem'>,
  body: unknown,
  localAddress?: string,
): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const sent = request(
      new URL('/v1/enrol', plane.urls.device),
      {
        method: 'POST',
        ca: plane.caPem,
        agent: false,
        ...(localAddress === undefined ? {} : { localAddress }),
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: JSON.parse(Buffer.concat(parts).toString()) as unknown,
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(text);
  });
}

export class TestStation {
  readonly identity: StationIdentity;
  readonly client: MqttClient;

  private constructor(identity: StationIdentity, client: MqttClient) {
    this.identity = identity;
    this.client = client;
  }

  static async connect(plane: ControlPlane, identity: StationIdentity): Promise<TestStation> {
    const client = await connectAsync(plane.urls.broker, {
      ca: plane.caPem,
      key: identity.keyPem,
      cert: identity.certificatePem,
      clientId: identity.station,
      protocolVersion: 4,
      reconnectPeriod: 0,
    });
    client.on('error', () => undefined);
    return new TestStation(identity, client);
  }

  topic(channel: ChannelName): string {
    return topicOf(this.identity, channel);
  }

  async send<K extends JsonChannelName>(channel: K, value: Payload<K>): Promise<void> {
    await this.sendBytes(channel, encode(channel, value));
  }

  async sendBytes(channel: ChannelName, bytes: Buffer | string): Promise<void> {
    const { qos, retain } = channelRow(channel);
    await this.client.publishAsync(this.topic(channel), bytes, { qos, retain });
  }

  async end(): Promise<void> {
    await this.client.endAsync();
  }
}

export const testBoot = '0123456789abcdef';
const testAt = '2026-01-01T00:00:00.000Z';

export function testGrades(seqs: readonly number[], change: Partial<Grades> = {}): Grades {
  return {
    v: 1,
    boot: testBoot,
    seq: seqs[0] ?? 0,
    at: testAt,
    release: { name: 'sequential', version: 1, digest: 'a'.repeat(64) },
    recipeVersion: 1,
    labels: ['good', 'ok', 'bad'],
    fruits: seqs.map((seq) => ({
      seq,
      at: testAt,
      lane: seq % 2,
      positionMm: seq * 100.5,
      grade: ['good', 'ok', 'bad'][seq % 3]!,
      gate: seq % 3,
      outcome: 'graded',
      probabilities: [0.5, 0.25, 0.25],
      views: 7,
      diameterMm: 75.5,
      colour: [200, 60, 50],
      latencyMs: 12.5,
    })),
    ...change,
  };
}

export function testHealth(seq: number, change: Partial<Payload<'health'>> = {}): Payload<'health'> {
  return {
    v: 1,
    boot: testBoot,
    seq,
    at: testAt,
    uptimeS: 10,
    framesPerSecond: 12,
    droppedFrames: 0,
    fruits: 1,
    missedDeadlines: 0,
    latencyMs: { p50: 10, p99: 20 },
    cpuPercent: 20,
    rssMb: 100,
    temperatureC: null,
    diskFreeMb: 1000,
    outboxDepth: 0,
    outboxDropped: 0,
    rejectedMessages: 0,
    ...change,
  };
}

export function testStatus(state: 'online' | 'offline', seq = 0): Payload<'status'> {
  return {
    v: 1,
    boot: testBoot,
    seq,
    at: testAt,
    state,
    agentVersion: '0.1.0',
    board: 'test',
    release: null,
    clock: 'synced',
  };
}
