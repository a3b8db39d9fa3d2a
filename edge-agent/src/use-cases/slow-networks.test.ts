/**
 * A release of 1 MB over links that packhouses have, in virtual time: it arrives, and hardly a chunk comes twice. A broker that
 * is killed for real is in `adapters/broker-killed.test.ts`.
 */
import { chunkMapOf, chunkRange } from '@pomona/release';
import { seededRandom } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { ChunkServer } from '../testing/chunk-server.ts';
import { sampleBoot } from '../testing/sample-records.ts';
import { type NetworkTroubles, SlowNetwork } from '../testing/slow-network.ts';
import { VirtualTime } from '../testing/virtual-time.ts';
import { TransferClient } from './transfer.ts';

const fileBytes = 1_000_000;
const random = seededRandom(7);
const file = Uint8Array.from({ length: fileBytes }, () => Math.floor(random.next() * 256));
const map = chunkMapOf(file);

/** A device's file, which outlives the agent. */
function fileOnDisk() {
  const content = new Uint8Array(fileBytes);
  const there = new Set<number>();
  return {
    content,
    missing: () => map.chunks.map((_, i) => i).filter((i) => !there.has(i)),
    write: async (index: number, data: Uint8Array) => {
      content.set(data, chunkRange(map, index).start);
      there.add(index);
    },
  };
}

/** What it took: seconds, and bytes that the device got beyond those of the file, as a share. */
async function fetchOver(
  troubles: NetworkTroubles,
  events: readonly (readonly [number, 'kill' | 'break'])[] = [],
) {
  const time = new VirtualTime();
  const server = new ChunkServer();
  server.files.set(`blobs/${map.digest}`, file);
  const network = new SlowNetwork(server, time, troubles);
  const disk = fileOnDisk();
  let done = false;
  let failure: unknown;
  let ending = new AbortController();
  const live = (seed: number) => {
    ending = new AbortController();
    const client = new TransferClient({
      ...{ link: network, scheduler: time, random: seededRandom(seed), boot: sampleBoot },
      nextSeq: () => 0,
      onRejected: (_, cause) => {
        failure = cause;
      },
    });
    network.client = client;
    const { signal } = ending;
    client.fetchChunks(map, disk, signal).then(
      () => {
        done = true;
      },
      (error: unknown) => {
        if (!signal.aborted) failure = error;
      },
    );
  };
  live(1);
  for (const [atMs, what] of events) {
    time.after(atMs, () => {
      if (what === 'break') return network.break(30_000);
      ending.abort(new Error('killed'));
      live(2);
    });
  }
  for (let i = 0; i < 2_000 && !done && failure === undefined; i++) await time.advance(1_000);
  expect(failure).toBeUndefined();
  expect(done).toBe(true);
  expect(Buffer.from(disk.content).equals(Buffer.from(file))).toBe(true);
  return { seconds: time.monotonicMs() / 1_000, extra: network.deliveredBytes / fileBytes - 1 };
}

describe('a release of 1 MB arrives with less than 5 % extra bytes over', () => {
  it.each<readonly [string, NetworkTroubles, number]>([
    ['a fast link', {}, 2],
    ['20 % loss', { loss: 0.2, bitsPerSecond: 1e6, latencyMs: 50 }, 200],
    ['2 s of latency', { latencyMs: 2_000, bitsPerSecond: 1e6 }, 60],
    ['64 kbit/s', { bitsPerSecond: 64_000, latencyMs: 100 }, 160],
    ['64 kbit/s with 2 s of latency', { bitsPerSecond: 64_000, latencyMs: 2_000 }, 250],
    ['a link that breaks every 5 s', { bitsPerSecond: 256_000, latencyMs: 100, breakEveryMs: 5_000 }, 100],
    [
      'all of it at once',
      { bitsPerSecond: 64_000, latencyMs: 500, loss: 0.1, breakEveryMs: 9_000, downMs: 2_000 },
      900,
    ],
  ])('%s', async (_, troubles, secondsMax) => {
    const { seconds, extra } = await fetchOver(troubles);
    expect(extra).toBeLessThan(0.05);
    expect(seconds).toBeLessThanOrEqual(secondsMax);
  });

  it('a broker that was killed in the middle, and an agent that was', async () => {
    const link = { bitsPerSecond: 256_000, latencyMs: 100 };
    expect((await fetchOver(link, [[15_000, 'break']])).extra).toBeLessThan(0.05);
    expect((await fetchOver(link, [[15_000, 'kill']])).extra).toBeLessThan(0.05);
  });
});
