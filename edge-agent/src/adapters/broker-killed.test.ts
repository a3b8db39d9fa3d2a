/**
 * A release of 1 MB through a broker that is killed in the middle and started again: the agent's own connection and transfer,
 * a Mosquitto, and a control plane that answers requests as fast as a mobile link would carry the answers. What networks
 * do beside that is tried in virtual time (`use-cases/slow-networks.test.ts`); that a control plane comes back to a
 * Mosquitto by itself, with the control plane (`cloud/src/adapters/mqtt/mosquitto.test.ts`).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chunkMapOf, chunkRange, digestOf } from '@pomona/release';
import { decodeChunk, encodeChunk, type Status, seededRandom, systemClock, topicOf } from '@pomona/wire';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { Rejections } from '../domain/rejections.ts';
import { ChunkServer } from '../testing/chunk-server.ts';
import { freePort } from '../testing/free-port.ts';
import { isMosquittoInstalled, type OwnMosquitto, startOwnMosquitto } from '../testing/own-mosquitto.ts';
import { sampleBoot } from '../testing/sample-records.ts';
import { sampleAddress } from '../testing/sample-release.ts';
import { createTestAuthority } from '../testing/test-authority.ts';
import { TransferClient } from '../use-cases/transfer.ts';
import { MqttLink } from './mqtt-link.ts';
import { systemScheduler } from './system-scheduler.ts';

if (!isMosquittoInstalled) {
  const text = 'Mosquitto is not installed: the test of a broker that is killed';
  if (process.env.POMONA_REQUIRE_ALL === '1') throw new Error(`${text} cannot run`);
  process.stderr.write(`${text} is left out\n`);
}

const fileBytes = 1_000_000;
const random = seededRandom(11);
const file = Uint8Array.from({ length: fileBytes }, () => Math.floor(random.next() * 256));
const map = chunkMapOf(file);
/** About 4 Mbit/s. */
const msPerChunk = (map.chunkBytes * 8) / 4_000;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** The control plane's side: each chunk after the other, at the pace of the link, and none twice that still waits. */
async function answerRequests(url: string, tls: { key: string; cert: string; ca: string }) {
  const server = new ChunkServer();
  server.files.set(`blobs/${map.digest}`, file);
  const client: MqttClient = await connectAsync(url, { ...tls, reconnectPeriod: 200, queueQoSZero: false });
  ends.push(() => client.endAsync(true));
  // The broker dies under it: it tries again.
  client.on('error', () => undefined);
  const sent: number[] = [];
  const waiting = new Set<number>();
  let last = Promise.resolve();
  server.deliver = (chunk) => {
    if (waiting.has(chunk.index)) return;
    waiting.add(chunk.index);
    last = last.then(async () => {
      await pause(msPerChunk);
      waiting.delete(chunk.index);
      if (!client.connected) return;
      sent.push(chunk.index);
      client.publish(topicOf(sampleAddress, 'transfer/chunk'), encodeChunk(chunk), { qos: 0 });
    });
  };
  client.on('message', (_, payload) => server.send('transfer/request', payload));
  await client.subscribeAsync(topicOf(sampleAddress, 'transfer/request'));
  return { sent, requests: server.requests };
}

describe.skipIf(!isMosquittoInstalled)('a broker that is killed in the middle of a transfer', () => {
  it('costs what was under way then, and nothing that had come', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pomona-killed-broker-'));
    ends.push(() => rmSync(folder, { recursive: true, force: true }));
    const authority = await createTestAuthority();
    const tls = { ...(await authority.issueServer()), ca: authority.certificatePem };
    const plan = { folder, port: await freePort(), tls };
    let broker: OwnMosquitto = await startOwnMosquitto(plan);
    ends.push(() => broker.kill());
    const url = `mqtts://127.0.0.1:${plan.port}`;
    const plane = await answerRequests(url, tls);

    const content = new Uint8Array(fileBytes);
    const there = new Set<number>();
    let receivedBytes = 0;
    let downs = 0;
    const rejected: string[] = [];
    const link: MqttLink = new MqttLink({
      ...{ url, address: sampleAddress, tls, status, scheduler: systemScheduler, random: seededRandom(1) },
      onUp: () => transfer.linkUp(),
      onDown: () => {
        downs++;
        transfer.linkLost();
      },
      onMessage: (channel, bytes) => {
        const decoded = channel === 'transfer/chunk' ? decodeChunk(bytes) : undefined;
        if (decoded === undefined) throw new Error(`the agent got ${channel}`);
        receivedBytes += decoded.data.byteLength;
        transfer.accept(decoded);
      },
      ...{ rejections: new Rejections(), onRejected: (...what) => rejected.push(what.join(' ')) },
    });
    const transfer = new TransferClient({
      ...{ link, scheduler: systemScheduler, random: seededRandom(2), boot: sampleBoot, nextSeq: () => 0 },
      onRejected: (...what) => rejected.push(what.join(' ')),
    });
    ends.push(() => link.stop());
    link.start();
    const half = Math.floor(map.chunks.length / 2);
    let reachHalf = (): void => undefined;
    const isHalfThere = new Promise<void>((resolve) => {
      reachHalf = resolve;
    });
    const fetching = transfer.fetchChunks(
      map,
      {
        missing: () => map.chunks.map((_, i) => i).filter((i) => !there.has(i)),
        async write(index, data) {
          content.set(data, chunkRange(map, index).start);
          there.add(index);
          if (there.size === half) reachHalf();
        },
      },
      AbortSignal.timeout(50_000),
    );

    await Promise.race([isHalfThere, fetching]);
    await broker.kill();
    const before = new Set(there);
    const asked = plane.requests.flatMap(({ from, count }) =>
      Array.from({ length: count }, (_, i) => from + i),
    );
    const underWay = new Set(asked.filter((index) => !before.has(index)));
    expect(before.size).toBeLessThan(map.chunks.length);
    broker = await startOwnMosquitto(plan);
    await fetching;

    expect(downs).toBe(1);
    expect(rejected).toEqual([]);
    expect(digestOf(content)).toBe(map.digest);
    // What counts is the station's link: what the control plane gives to a broker before the station is back is lost behind it.
    expect(receivedBytes / fileBytes - 1).toBeLessThan(0.05);
    // What had come is asked for never again, and what is sent twice was under way.
    const later = plane.requests.flatMap(({ from, count }) =>
      Array.from({ length: count }, (_, i) => from + i),
    );
    expect(later.slice(asked.length).filter((index) => before.has(index))).toEqual([]);
    const twice = plane.sent.filter((index, i) => plane.sent.indexOf(index) !== i);
    expect(twice.filter((index) => !underWay.has(index))).toEqual([]);
  }, 60_000);
});

function status(state: Status['state']): Status {
  return {
    ...{ v: 1, boot: sampleBoot, seq: 0, at: new Date(systemClock.nowMs()).toISOString(), state },
    ...{ agentVersion: '0.1.0', board: 'test', release: null, clock: 'unknown' },
  };
}
