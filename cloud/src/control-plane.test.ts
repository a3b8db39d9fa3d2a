import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { openDesired } from '@pomona/release';
import { type Ack, decode, decodeChunk, encode, type SignedEnvelope } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { ManualClock } from './testing/manual-clock.ts';
import { eventually, startTestControlPlane } from './testing/test-control-plane.ts';
import {
  enrolTestStation,
  TestStation,
  testBoot,
  testGrades,
  testHealth,
  testStatus,
} from './testing/test-station.ts';

const temporaryFolder = () => mkdtempSync(join(tmpdir(), 'pomona-plane-'));

describe('a control plane and a station', () => {
  it('store what is sent, acknowledge it, and show it', async () => {
    const { plane, remove } = await startTestControlPlane();
    const station = await TestStation.connect(plane, await enrolTestStation(plane, 'left'));
    const acks: Ack[] = [];
    station.client.on('message', (_topic, payload) => {
      const decoded = decode('ack', payload);
      if (decoded.ok) acks.push(decoded.value);
    });
    await station.client.subscribeAsync(station.topic('ack'), { qos: 1 });
    await station.send('status', testStatus('online'));
    await station.send('grades', testGrades([1, 2, 3]));
    await station.send('grades', testGrades([2, 3, 4]));
    await station.send('health', testHealth(5));
    await eventually(() => {
      const seqs = new Set(
        acks.flatMap(({ ranges }) =>
          ranges.flatMap(([low, high]) => Array.from({ length: high - low + 1 }, (_, i) => low + i)),
        ),
      );
      return [1, 2, 3, 4, 5].every((seq) => seqs.has(seq));
    });
    expect(acks.every(({ boot }) => boot === testBoot)).toBe(true);
    const overview = await plane.overview();
    expect(overview.fruits).toBe(4);
    expect(overview.stations).toMatchObject([
      { station: 'left', fruits: 4, status: { state: 'online' }, health: { seq: 5 } },
    ]);
    expect(overview.recent).toHaveLength(30);
    await station.end();
    await remove();
  });

  it('see when the station goes away without a word', async () => {
    const { plane, remove } = await startTestControlPlane();
    const identity = await enrolTestStation(plane, 'left');
    const { connectAsync } = await import('mqtt');
    const client = await connectAsync(plane.urls.broker, {
      ca: plane.caPem,
      key: identity.keyPem,
      cert: identity.certificatePem,
      reconnectPeriod: 0,
      will: {
        topic: 'pomona/v1/orchard/one/left/status',
        payload: encode('status', testStatus('offline')),
        qos: 1,
        retain: true,
      },
    });
    client.on('error', () => undefined);
    const stateOf = async () => (await plane.overview()).stations[0]?.status?.state;
    await client.publishAsync(
      'pomona/v1/orchard/one/left/status',
      encode('status', testStatus('online', 1)),
      {
        qos: 1,
        retain: true,
      },
    );
    await eventually(async () => (await stateOf()) === 'online');
    client.stream.destroy();
    await eventually(async () => (await stateOf()) === 'offline');
    await remove();
  });

  it('bring the desired state to the station, signed, with a growing counter, after a restart too', async () => {
    const dataFolder = temporaryFolder();
    const first = await startTestControlPlane({ dataFolder });
    const identity = await enrolTestStation(first.plane, 'left');
    await first.plane.setDesired('left', { release: null });
    const desired = await first.plane.setDesired('left', { release: null });
    expect(desired.counter).toBe(2);
    await first.plane.stop();
    const second = await startTestControlPlane({ dataFolder });
    const station = await TestStation.connect(second.plane, identity);
    let received: SignedEnvelope | undefined;
    station.client.on('message', (_topic, payload) => {
      const decoded = decode('desired', payload);
      if (decoded.ok) received = decoded.value;
    });
    await station.client.subscribeAsync(station.topic('desired'), { qos: 1 });
    await eventually(() => received !== undefined);
    const address = { site: 'orchard', line: 'one', station: 'left' };
    const key = identity.answer.desiredKeyPem;
    expect(openDesired(received!, key, { address, counterMin: 2 })).toEqual(desired);
    expect((await second.plane.setDesired('left', { release: null })).counter).toBe(3);
    await station.end();
    await second.remove();
  });

  it('transfer a file in chunks over the broker', async () => {
    const { plane, folder, remove } = await startTestControlPlane();
    const digest = 'ab'.repeat(32);
    mkdirSync(join(folder, 'blobs'), { recursive: true });
    const file = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251));
    writeFileSync(join(folder, 'blobs', digest), file);
    const station = await TestStation.connect(plane, await enrolTestStation(plane, 'left'));
    const parts = new Map<string, Buffer>();
    station.client.on('message', (_topic, payload) => {
      const chunk = decodeChunk(payload);
      if (chunk) parts.set(`${chunk.id}/${chunk.index}`, Buffer.from(chunk.data));
    });
    await station.client.subscribeAsync(station.topic('transfer/chunk'));
    const request = { v: 1, boot: testBoot, seq: 1, at: '2026-01-01T00:00:00.000Z' } as const;
    const chunks = { chunkBytes: 65_536, from: 0, count: 64 };
    await station.send('transfer/request', { ...request, ...chunks, id: 1, path: `blobs/${digest}` });
    await station.send('transfer/request', { ...request, ...chunks, id: 2, path: 'metadata/timestamp.json' });
    await eventually(() => parts.size === 6);
    expect(Buffer.concat([0, 1, 2, 3, 4].map((i) => parts.get(`1/${i}`)!))).toEqual(file);
    expect(parts.get('2/0')).toEqual(readFileSync(join(folder, 'trust', 'timestamp.json')));
    await station.end();
    await remove();
  });
});

describe('starting', () => {
  it('is refused on a folder that another control plane has, and possible once that stopped', async () => {
    const first = await startTestControlPlane();
    await expect(startTestControlPlane({ dataFolder: first.folder })).rejects.toMatchObject({
      code: 'data-folder-in-use',
    });
    await first.plane.stop();
    await first.plane.stop();
    const second = await startTestControlPlane({ dataFolder: first.folder });
    await second.remove();
  });

  it.each([
    ['httpPort', '--http-port'],
    ['devicePort', '--device-port'],
    ['mqttPort', '--mqtt-port'],
  ])('names the flag when %s is in use, and leaves nothing behind', async (option, flag) => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const { port } = blocker.address() as AddressInfo;
    const dataFolder = temporaryFolder();
    const error = await startTestControlPlane({ dataFolder, [option]: port }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'port-in-use' });
    expect(String(error)).toContain(String(port));
    expect((error as { hint: string }).hint).toContain(flag);
    const next = await startTestControlPlane({ dataFolder });
    await next.remove();
    blocker.close();
  });

  it('is refused where the data folder is a file', async () => {
    const folder = temporaryFolder();
    const dataFolder = join(folder, 'file');
    writeFileSync(dataFolder, '');
    await expect(startTestControlPlane({ dataFolder })).rejects.toMatchObject({
      code: 'data-folder-not-writable',
    });
    rmSync(folder, { recursive: true });
  });
});

describe('stopping', () => {
  it('keeps what was acknowledged, and shows stations as away until they are heard again', async () => {
    const dataFolder = temporaryFolder();
    const first = await startTestControlPlane({ dataFolder });
    const station = await TestStation.connect(first.plane, await enrolTestStation(first.plane, 'left'));
    await station.send('status', testStatus('online'));
    await station.send('grades', testGrades([1, 2, 3]));
    await eventually(async () => (await first.plane.overview()).fruits === 3);
    await first.plane.stop();
    const second = await startTestControlPlane({ dataFolder });
    const overview = await second.plane.overview();
    expect(overview.fruits).toBe(3);
    expect(overview.stations[0]?.status?.state).toBe('offline');
    await second.remove();
  });
});

it('takes renewed certificates into use for new connections while it runs, and keeps those that there are', async () => {
  const clock = new ManualClock(Date.now());
  const { plane, remove } = await startTestControlPlane({ clock, maintainEveryMs: 20 });
  const station = await TestStation.connect(plane, await enrolTestStation(plane, 'left'));
  const shown = async (port: number) => {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const certificate = socket.getPeerX509Certificate()!;
    socket.destroy();
    return certificate;
  };
  const both = () => Promise.all([shown(plane.ports.mqtt), shown(plane.ports.device)]);
  const [before] = await both();
  clock.ms += 320 * 86_400_000;
  await new Promise((resolve) => setTimeout(resolve, 60));
  for (const certificate of await both()) expect(certificate.fingerprint256).toBe(before!.fingerprint256);
  clock.ms += 20 * 86_400_000;
  await eventually(async () =>
    (await both()).every(({ fingerprint256 }) => fingerprint256 !== before!.fingerprint256),
  );
  for (const certificate of await both()) {
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(clock.ms + 364 * 86_400_000);
    expect(certificate.verify(new X509Certificate(plane.caPem).publicKey)).toBe(true);
  }
  expect(station.client.connected).toBe(true);
  await station.end();
  await remove();
});
