/** Over real TLS with certificates on both sides; waits pass twenty times faster. */
import { type ChunkMap, chunkMapOf, chunkRange } from '@pomona/release';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RangeServer, startRangeServer } from '../testing/range-server.ts';
import { randomBytes } from '../testing/sample-release.ts';
import type { Scheduler } from '../use-cases/scheduler.ts';
import { HttpsTransfer } from './https-transfer.ts';
import { systemScheduler } from './system-scheduler.ts';

const chunkBytes = 16_384;
const never = new AbortController().signal;
let server: RangeServer;
let transfers: HttpsTransfer[] = [];
const rejected: string[] = [];

beforeAll(async () => {
  server = await startRangeServer();
});
beforeEach(() => {
  for (const transfer of transfers) transfer.stop();
  transfers = [];
  rejected.length = 0;
  server.files.clear();
  server.asked.length = 0;
  server.interfere = () => false;
});
afterAll(async () => {
  for (const transfer of transfers) transfer.stop();
  await server.stop();
});

interface Wishes {
  readonly haste?: number;
  readonly url?: string;
  readonly tls?: RangeServer['tls'];
  readonly kbitPerSMax?: number;
}

function transferOf({
  haste = 20,
  url = server.url,
  tls = server.tls,
  kbitPerSMax,
}: Wishes = {}): HttpsTransfer {
  const scheduler: Scheduler = {
    nowMs: () => systemScheduler.nowMs(),
    monotonicMs: () => systemScheduler.monotonicMs() * haste,
    after: (delayMs, run) => systemScheduler.after(delayMs / haste, run),
  };
  const transfer = new HttpsTransfer({
    ...{ url, tls, scheduler, kbitPerSMax },
    onRejected: (_, cause) => rejected.push(cause),
  });
  transfers.push(transfer);
  return transfer;
}

function publish(bytes: number): { readonly file: Uint8Array; readonly map: ChunkMap } {
  const file = randomBytes(bytes, bytes);
  const map = chunkMapOf(file, chunkBytes);
  server.files.set(`blobs/${map.digest}`, file);
  return { file, map };
}

/** A file on a device, and how often each of its chunks was written. */
function sinkFor(map: ChunkMap) {
  const content = new Uint8Array(map.bytes);
  const writes = map.chunks.map(() => 0);
  return {
    content,
    writes,
    missing: () => [...map.chunks.keys()].filter((index) => writes[index] === 0),
    write: async (index: number, data: Uint8Array) => {
      await Promise.resolve();
      content.set(data, chunkRange(map, index).start);
      writes[index] = (writes[index] ?? 0) + 1;
    },
  };
}

function askedBytes(): number {
  return server.asked.reduce((sum, { range }) => {
    const [from, to] = /(\d+)-(\d+)/
      .exec(range ?? '')!
      .slice(1)
      .map(Number);
    return sum + to! - from! + 1;
  }, 0);
}

describe('fetchFile over HTTPS', () => {
  it.each([0, 1, 200_000])('brings a file of %i bytes, or says that there is none', async (bytes) => {
    server.files.set('metadata/timestamp.json', randomBytes(bytes, bytes));
    const transfer = transferOf();
    const found = await transfer.fetchFile('metadata/timestamp.json', 200_000, never);
    expect(Buffer.from(found!).equals(randomBytes(bytes, bytes))).toBe(true);
    expect(await transfer.fetchFile('metadata/2.root.json', 1_000, never)).toBeUndefined();
  });

  it('takes no more than it was told to', async () => {
    server.files.set('metadata/timestamp.json', randomBytes(1, 1_001));
    await expect(transferOf().fetchFile('metadata/timestamp.json', 1_000, never)).rejects.toMatchObject({
      code: 'transfer-oversized',
    });
  });
});

describe('fetchChunks over HTTPS', () => {
  it('brings a file by ranges, each byte once, with the certificate of the station', async () => {
    const { file, map } = publish(1_000_000);
    const sink = sinkFor(map);
    await transferOf().fetchChunks(map, sink, never);
    expect(Buffer.from(sink.content).equals(file)).toBe(true);
    expect(askedBytes()).toBe(1_000_000);
    expect(new Set(server.asked.map(({ station }) => station))).toEqual(new Set(['valley-1-a']));
    expect(Math.max(...sink.writes)).toBe(1);
  });

  it('asks for no more a second than the station may have', async () => {
    const { file, map } = publish(20 * chunkBytes);
    const sink = sinkFor(map);
    const haste = 20;
    const startMs = performance.now();
    await transferOf({ haste, kbitPerSMax: 512 }).fetchChunks(map, sink, never);
    // A quarter of a second of it may come at once, and the last piece may go into debt.
    const allowedAtOnce = 0.25 * 64_000 + chunkBytes;
    const tookS = (haste * (performance.now() - startMs)) / 1_000;
    expect(tookS).toBeGreaterThan((file.byteLength - allowedAtOnce) / 64_000);
    expect(server.asked).toHaveLength(20);
    expect(Buffer.from(sink.content).equals(file)).toBe(true);
  });

  it('asks only for what is missing after a restart, and for nothing when all is there', async () => {
    const { file, map } = publish(10 * chunkBytes);
    const sink = sinkFor(map);
    for (const index of [0, 1, 5, 9])
      await sink.write(index, file.subarray(index * chunkBytes, (index + 1) * chunkBytes));
    await transferOf().fetchChunks(map, sink, never);
    expect(Buffer.from(sink.content).equals(file)).toBe(true);
    expect(askedBytes()).toBe(6 * chunkBytes);
    await transferOf().fetchChunks(map, sink, never);
    expect(askedBytes()).toBe(6 * chunkBytes);
  });

  it('goes on where it was when connections break in the middle of a chunk', async () => {
    const { file, map } = publish(60 * chunkBytes);
    const sink = sinkFor(map);
    server.interfere = (response, data, asked) => {
      if (asked % 3 !== 2) return false;
      response.writeHead(206, { 'content-length': data.byteLength });
      response.write(data.subarray(0, Math.floor(1.5 * chunkBytes)), () => response.destroy());
      return true;
    };
    await transferOf().fetchChunks(map, sink, never);
    expect(Buffer.from(sink.content).equals(file)).toBe(true);
    expect(Math.max(...sink.writes)).toBe(1);
  });

  it('asks again for a chunk that came changed, and fails when it comes changed again and again', async () => {
    const { file, map } = publish(6 * chunkBytes);
    const spoil = (timesMax: number) => {
      let times = 0;
      server.interfere = (response, data) => {
        const at = Buffer.from(data).indexOf(file.subarray(2 * chunkBytes, 2 * chunkBytes + 32));
        if (at < 0 || times++ >= timesMax) return false;
        const changed = Buffer.from(data);
        changed[at] = changed[at]! ^ 1;
        response.writeHead(206).end(changed);
        return true;
      };
    };
    spoil(2);
    const sink = sinkFor(map);
    await transferOf().fetchChunks(map, sink, never);
    expect(Buffer.from(sink.content).equals(file)).toBe(true);
    expect(rejected).toEqual(['wrong-hash', 'wrong-hash']);
    spoil(Number.POSITIVE_INFINITY);
    const other = sinkFor(map);
    await expect(transferOf().fetchChunks(map, other, never)).rejects.toMatchObject({
      code: 'transfer-damaged',
      retryable: false,
      message: expect.stringContaining('chunk 2'),
    });
    expect(other.writes[2]).toBe(0);
  });

  it.each([
    [404, 'transfer-missing', 'Publish'],
    [403, 'transfer-refused', 'enrol the station again (`enrol --again`'],
    [200, 'transfer-refused', 'does not pass on `Range`'],
  ])('fails with what to do when the answer is %i', async (status, code, hint) => {
    const { map } = publish(2 * chunkBytes);
    server.interfere = (response, data) => {
      response.writeHead(status).end(data);
      return true;
    };
    await expect(transferOf().fetchChunks(map, sinkFor(map), never)).rejects.toMatchObject({
      ...{ code, retryable: true, hint: expect.stringContaining(hint) },
    });
  });

  it('waits while the other side is busy', async () => {
    const { file, map } = publish(2 * chunkBytes);
    server.interfere = (response, _, asked) => {
      if (asked > 2) return false;
      response.writeHead(asked === 1 ? 429 : 503).end();
      return true;
    };
    const sink = sinkFor(map);
    await transferOf().fetchChunks(map, sink, never);
    expect(Buffer.from(sink.content).equals(file)).toBe(true);
  });

  it('passes on what the disk says', async () => {
    const { map } = publish(2 * chunkBytes);
    const write = async () => {
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    };
    await expect(transferOf().fetchChunks(map, { ...sinkFor(map), write }, never)).rejects.toMatchObject({
      code: 'ENOSPC',
    });
  });

  it('gives up where nobody answers, and says why', async () => {
    const { map } = publish(chunkBytes);
    const gone = transferOf({ haste: 2_000, url: 'https://127.0.0.1:1' });
    await expect(gone.fetchChunks(map, sinkFor(map), never)).rejects.toMatchObject({
      ...{ code: 'transfer-silent', retryable: true, message: expect.stringContaining('ECONNREFUSED') },
    });
  });

  it('ends with its signal while an answer is awaited', async () => {
    const { map } = publish(2 * chunkBytes);
    server.interfere = () => true;
    const ending = new AbortController();
    const fetching = transferOf().fetchChunks(map, sinkFor(map), ending.signal);
    setTimeout(() => ending.abort(new Error('stopped')), 20);
    await expect(fetching).rejects.toThrow('stopped');
  });

  it('does not talk to a server of another authority', async () => {
    const { map } = publish(chunkBytes);
    const other = await startRangeServer();
    try {
      const wrong = transferOf({ haste: 2_000, url: other.url });
      await expect(wrong.fetchChunks(map, sinkFor(map), never)).rejects.toMatchObject({
        code: 'transfer-silent',
      });
      expect(other.asked).toEqual([]);
    } finally {
      await other.stop();
    }
  });
});
