import { chunkMapOf } from '@pomona/release';
import { type Chunk, seededRandom } from '@pomona/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChunkLimits, chunkLimits } from '../domain/chunk-window.ts';
import { ChunkServer } from '../testing/chunk-server.ts';
import { sampleBoot } from '../testing/sample-records.ts';
import { settle, VirtualTime } from '../testing/virtual-time.ts';
import { TransferClient } from './transfer.ts';

function build(limits?: ChunkLimits, kbitPerSMax?: number) {
  const server = new ChunkServer();
  const time = new VirtualTime();
  const rejected: string[] = [];
  let seq = 0;
  const ports = {
    ...{ link: server, scheduler: time, random: seededRandom(1), kbitPerSMax },
    ...{ boot: sampleBoot, nextSeq: () => seq++ },
    onRejected: (_: string, cause: string) => rejected.push(cause),
  };
  const client = new TransferClient(ports, limits);
  server.deliver = (chunk) => client.accept(chunk);
  return { server, time, rejected, client };
}

function bytesOf(length: number): Uint8Array {
  const random = seededRandom(length);
  return Uint8Array.from({ length }, () => Math.floor(random.next() * 256));
}

/** A file on a device: chunks that were written stay when the agent is killed. */
function sinkFor(length: number, chunkBytes: number) {
  const content = new Uint8Array(length);
  const there = new Set<number>();
  return {
    content,
    there,
    missing: () =>
      Array.from({ length: Math.ceil(length / chunkBytes) }, (_, i) => i).filter((i) => !there.has(i)),
    write: async (index: number, data: Uint8Array) => {
      await Promise.resolve();
      content.set(data, index * chunkBytes);
      there.add(index);
    },
  };
}

const never = new AbortController().signal;

describe('a cap', () => {
  it.each([64, 256, 8_000])('of %i kbit/s is kept, in any ten seconds, and used', async (kbitPerS) => {
    const { server, client, time } = build(undefined, kbitPerS);
    const content = bytesOf(1_000_000);
    const map = chunkMapOf(content);
    server.files.set(`blobs/${map.digest}`, content);
    const asked: { atMs: number; bytes: number }[] = [];
    server.distort = (chunk) => {
      asked.push({ atMs: time.monotonicMs(), bytes: chunk.data.byteLength });
      return [chunk];
    };
    const sink = sinkFor(content.length, map.chunkBytes);
    let done = false;
    void client.fetchChunks(map, sink, never).then(() => {
      done = true;
    });
    const idealMs = (content.length * 8) / kbitPerS;
    await time.advance(idealMs * 1.05 + 2_000);
    expect(done).toBe(true);
    const spanMs = 10_000;
    for (const { atMs } of asked) {
      const bytes = asked
        .filter((each) => each.atMs >= atMs && each.atMs < atMs + spanMs)
        .reduce((sum, each) => sum + each.bytes, 0);
      // A quarter of a second may come at once, and the last chunk is begun before what it takes is there.
      expect(bytes).toBeLessThanOrEqual((kbitPerS * (spanMs + 250)) / 8 + map.chunkBytes);
    }
  });

  it('holds for small files by what they have, not by what they might', async () => {
    const { server, client, time } = build(undefined, 64);
    for (let i = 0; i < 20; i++) server.files.set(`metadata/${i}.json`, bytesOf(300));
    const got: number[] = [];
    void (async () => {
      for (let i = 0; i < 20; i++)
        got.push((await client.fetchFile(`metadata/${i}.json`, 1_000, never))!.byteLength);
    })();
    await time.advance(2_000);
    expect(got).toHaveLength(20);
  });
});

describe('quiet hours', () => {
  it('are waited for, however long, with few requests, and then the file is fetched', async () => {
    const { server, client, time } = build();
    const content = bytesOf(3_000_000);
    const map = chunkMapOf(content);
    server.files.set(`blobs/${map.digest}`, content);
    let isQuiet = true;
    server.distort = (chunk) =>
      isQuiet ? [{ ...chunk, status: 'refused', totalBytes: 0, data: new Uint8Array() }] : [chunk];
    let done = false;
    void client.fetchChunks(map, sinkFor(content.length, map.chunkBytes), never).then(() => {
      done = true;
    });
    await time.advance(12 * 3_600_000);
    expect(done).toBe(false);
    expect(server.requests.length).toBeLessThan(12 * 60 + 20);
    isQuiet = false;
    await time.advance(90_000);
    expect(done).toBe(true);
  });
});

describe('fetchFile', () => {
  it.each([0, 1, 65_535, 65_536, 65_537, 1_000_000])('brings a file of %i bytes', async (length) => {
    const { server, client } = build();
    server.files.set('metadata/timestamp.json', bytesOf(length));
    const file = await client.fetchFile('metadata/timestamp.json', 2_000_000, never);
    expect(Buffer.from(file!).equals(bytesOf(length))).toBe(true);
  });

  it('says that there is no such file', async () => {
    expect(await build().client.fetchFile('metadata/2.root.json', 1_000, never)).toBeUndefined();
  });

  it('takes no more than it was told to', async () => {
    const { server, client } = build();
    server.files.set('metadata/timestamp.json', bytesOf(200_000));
    await expect(client.fetchFile('metadata/timestamp.json', 199_999, never)).rejects.toMatchObject({
      code: 'transfer-oversized',
    });
    expect(server.requests).toHaveLength(1);
  });

  it('does not mix two versions of a file', async () => {
    const { server, client } = build();
    server.files.set('metadata/timestamp.json', bytesOf(200_000));
    server.distort = (chunk) => {
      server.files.set('metadata/timestamp.json', bytesOf(150_000));
      return [chunk];
    };
    await expect(client.fetchFile('metadata/timestamp.json', 1e6, never)).rejects.toMatchObject({
      code: 'transfer-changed',
      retryable: true,
    });
  });

  it('gives up when the other side never answers, and not before', async () => {
    const { server, client, time } = build();
    server.distort = () => [];
    server.files.set('metadata/timestamp.json', bytesOf(10));
    let outcome: unknown;
    client.fetchFile('metadata/timestamp.json', 100, never).catch((error: unknown) => {
      outcome = error;
    });
    await time.advance(119_000);
    expect(outcome).toBeUndefined();
    expect(server.requests.length).toBeGreaterThan(2);
    await time.advance(2_000);
    expect(outcome).toMatchObject({ code: 'transfer-silent', retryable: true });
  });

  it('waits while the link is down, and ends with its signal', async () => {
    const { server, client, time } = build();
    server.up = false;
    const ending = new AbortController();
    let outcome: unknown;
    client.fetchFile('metadata/timestamp.json', 100, ending.signal).catch((error: unknown) => {
      outcome = error;
    });
    await time.advance(3_600_000);
    expect(outcome).toBeUndefined();
    ending.abort(new Error('stopped'));
    await settle();
    expect(outcome).toMatchObject({ message: 'stopped' });
  });
});

describe('fetchChunks', () => {
  const chunkBytes = 1_024;

  it('refuses a chunk with a wrong hash, asks for it again, and counts it', async () => {
    const { server, client, rejected } = build();
    const file = bytesOf(10_000);
    const map = chunkMapOf(file, chunkBytes);
    const sink = sinkFor(file.byteLength, chunkBytes);
    server.files.set(`blobs/${map.digest}`, file);
    let spoiled = 0;
    server.distort = (chunk) => (chunk.index === 3 && spoiled++ < 2 ? [spoil(chunk)] : [chunk]);
    await client.fetchChunks(map, sink, never);
    expect(Buffer.from(sink.content).equals(file)).toBe(true);
    expect(rejected).toEqual(['wrong-hash', 'wrong-hash']);
  });

  it('fails with a reason when a chunk comes damaged again and again', async () => {
    const { server, client, rejected } = build();
    const file = bytesOf(10_000);
    const map = chunkMapOf(file, chunkBytes);
    server.files.set(`blobs/${map.digest}`, file);
    server.distort = (chunk) => (chunk.index === 3 ? [spoil(chunk)] : [chunk]);
    const sink = sinkFor(file.byteLength, chunkBytes);
    await expect(client.fetchChunks(map, sink, never)).rejects.toMatchObject({
      code: 'transfer-damaged',
      retryable: false,
      message: expect.stringContaining('chunk 3'),
    });
    expect(rejected).toHaveLength(5);
    expect(sink.there.has(3)).toBe(false);
  });

  it('asks for as much when the disk becomes slow and the link stays quick', async () => {
    const { server, client, time } = build({
      ...chunkLimits,
      windowBytes: 32 * chunkBytes,
      startBytes: 8 * chunkBytes,
    });
    const file = bytesOf(200 * chunkBytes);
    const map = chunkMapOf(file, chunkBytes);
    server.files.set(`blobs/${map.digest}`, file);
    const sink = sinkFor(file.byteLength, chunkBytes);
    const write = async (index: number, data: Uint8Array) => {
      if (index >= 8) await new Promise<void>((resolve) => time.after(2_000, resolve));
      await sink.write(index, data);
    };
    const fetched = client.fetchChunks(map, { ...sink, write }, never);
    await time.advance(60_000);
    expect(Buffer.from(sink.content).equals(file)).toBe(true);
    await fetched;
  });

  it('asks only for what is missing after a restart', async () => {
    const { server, client } = build();
    const file = bytesOf(20 * chunkBytes);
    const map = chunkMapOf(file, chunkBytes);
    server.files.set(`blobs/${map.digest}`, file);
    const sink = sinkFor(file.byteLength, chunkBytes);
    for (const index of [0, 1, 2, 10, 19])
      await sink.write(index, file.subarray(index * chunkBytes, (index + 1) * chunkBytes));
    await client.fetchChunks(map, sink, never);
    expect(Buffer.from(sink.content).equals(file)).toBe(true);
    const asked = server.requests.flatMap(({ from, count }) =>
      Array.from({ length: count }, (_, i) => from + i),
    );
    expect(asked.sort((a, b) => a - b)).toEqual([3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18]);
  });

  it('fails when the control plane does not have the file', async () => {
    const { client } = build();
    const map = chunkMapOf(bytesOf(5_000), chunkBytes);
    await expect(client.fetchChunks(map, sinkFor(5_000, chunkBytes), never)).rejects.toMatchObject({
      code: 'transfer-missing',
      retryable: true,
    });
  });

  it('passes on what the disk says', async () => {
    const { server, client } = build();
    const file = bytesOf(5_000);
    const map = chunkMapOf(file, chunkBytes);
    server.files.set(`blobs/${map.digest}`, file);
    const write = async () => {
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    };
    await expect(
      client.fetchChunks(map, { ...sinkFor(5_000, chunkBytes), write }, never),
    ).rejects.toMatchObject({ code: 'ENOSPC' });
  });

  it('ends with the whole file over lost, repeated, refused, reordered and damaged chunks and lost links', async () => {
    const fate = fc.constantFrom('fine', 'fine', 'fine', 'lost', 'twice', 'spoiled', 'refused', 'link-lost');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fate, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 40_000 }),
        async (fates, length) => {
          const { server, client, time } = build();
          const file = bytesOf(length);
          const map = chunkMapOf(file, chunkBytes);
          server.files.set(`blobs/${map.digest}`, file);
          const sink = sinkFor(length, chunkBytes);
          let n = 0;
          server.distort = (chunk) => {
            const now = fates[n++] ?? 'fine';
            if (now === 'lost') return [];
            if (now === 'twice') return [chunk, chunk];
            if (now === 'spoiled') return [spoil(chunk)];
            if (now === 'refused') return [{ ...chunk, status: 'refused', data: new Uint8Array() }];
            if (now === 'link-lost') {
              server.up = false;
              client.linkLost();
              time.after(700, () => {
                server.up = true;
                client.linkUp();
              });
              return [];
            }
            return [chunk];
          };
          let done: unknown = 'not yet';
          client.fetchChunks(map, sink, never).then(
            () => {
              done = true;
            },
            (error: Error) => {
              done = error.message;
            },
          );
          for (let i = 0; i < 100 && done === 'not yet'; i++) await time.advance(5_000);
          // Five damaged copies of one chunk are one too many, and that is an answer as well.
          if (done === true) expect(Buffer.from(sink.content).equals(file)).toBe(true);
          else expect(done).toMatch(/came damaged too often/);
        },
      ),
      { numRuns: 60 },
    );
  });
});

function spoil(chunk: Chunk): Chunk {
  const data = Uint8Array.from(chunk.data);
  data[0] = data[0]! ^ 1;
  return { ...chunk, data };
}
