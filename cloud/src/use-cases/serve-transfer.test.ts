import { type Chunk, decodeChunk, encode, type TransferRequest } from '@pomona/wire';
import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { MemoryLink } from '../testing/memory-link.ts';
import { RecordingLogger } from '../testing/recording-logger.ts';
import { eventually } from '../testing/test-control-plane.ts';
import { testBoot } from '../testing/test-station.ts';
import { Rejections } from './rejections.ts';
import { TransferServer, transferLimits } from './serve-transfer.ts';
import { SitePace } from './site-pace.ts';

const address = { site: 'orchard', line: 'one', station: 'left' };
const digest = 'ab'.repeat(32);

let file: Buffer;
let link: MemoryLink;
let rejections: Rejections;
let transfers: TransferServer;
let clock: ManualClock;
let pace: SitePace;
let isHeld: boolean;
/** Lengths. */
let reads: number[];

beforeEach(() => {
  file = Buffer.alloc(2_500, 7);
  link = new MemoryLink();
  reads = [];
  const logger = new RecordingLogger();
  rejections = new Rejections(logger);
  const files = {
    async read(path: string, offset: number, length: number) {
      if (path !== `blobs/${digest}`) return undefined;
      reads.push(length);
      return { bytes: file.subarray(offset, offset + length), totalBytes: file.length };
    },
  };
  clock = new ManualClock();
  timers.length = 0;
  pace = new SitePace({ clock, after });
  isHeld = false;
  const sites = { isHeld: () => isHeld };
  transfers = new TransferServer({ files, link, sites, pace, rejections, logger });
});

const timers: { atMs: number; run: () => void }[] = [];
function after(ms: number, run: () => void): () => void {
  const timer = { atMs: clock.monotonicMs() + ms, run };
  timers.push(timer);
  return () => void timers.splice(timers.indexOf(timer), timers.includes(timer) ? 1 : 0);
}
/** Virtual time: what is due runs in order, and what follows from it too. */
async function advance(byMs: number): Promise<void> {
  const untilMs = clock.monotonicMs() + byMs;
  for (;;) {
    for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
    const next = timers.toSorted((a, b) => a.atMs - b.atMs)[0];
    if (next === undefined || next.atMs > untilMs) break;
    timers.splice(timers.indexOf(next), 1);
    clock.ms += next.atMs - clock.monotonicMs();
    next.run();
  }
  clock.ms += untilMs - clock.monotonicMs();
}

const request = (change: Partial<TransferRequest> = {}) =>
  encode('transfer/request', {
    v: 1,
    boot: testBoot,
    seq: 1,
    at: '2026-01-01T00:00:00.000Z',
    id: 42,
    path: `blobs/${digest}`,
    chunkBytes: 1_024,
    from: 0,
    count: 1,
    ...change,
  });
const ask = (change: Partial<TransferRequest> = {}, station = 'left') =>
  transfers.accept({ ...address, station }, request(change));
const answers = (): Chunk[] => link.chunks.map(({ chunk }) => decodeChunk(chunk)!);

const shapes = () => answers().map(({ status, index, data }) => `${status} ${index} ${data.length}`);

describe('TransferServer', () => {
  it('sends the chunks that were asked for, and ends with the file', async () => {
    ask({ from: 1, count: 64 });
    await eventually(() => link.chunks.length === 2);
    expect(shapes()).toEqual(['data 1 1024', 'data 2 452']);
    expect(
      answers().every(
        ({ id, totalBytes, chunkBytes }) => id === 42 && totalBytes === 2_500 && chunkBytes === 1_024,
      ),
    ).toBe(true);
  });

  it('reads neighbours together, no more than may be, and one by one where they wait for their turn', async () => {
    ask({ count: 2 });
    await eventually(() => link.chunks.length === 2);
    expect(reads).toEqual([2_048]);
    ask({ chunkBytes: 131_072, count: 8 });
    await eventually(() => link.chunks.length === 3);
    expect(Math.max(...reads)).toBe(transferLimits.readBytesMax);
    reads.length = 0;
    pace.limit('orchard', 8_000);
    ask({ id: 43, count: 2 });
    await advance(1_000);
    expect(shapes().slice(-2)).toEqual(['data 0 1024', 'data 1 1024']);
    expect(reads).toEqual([1_024, 1_024]);
  });

  it('sends neighbours at once, reads the next meanwhile, and no more where they wait for a turn by then', async () => {
    const chunkBytes = 16_384;
    const perRead = transferLimits.readBytesMax / chunkBytes;
    file = Buffer.alloc(3 * transferLimits.readBytesMax - 24, 7);
    const taken: (() => void)[] = [];
    const sent: number[] = [];
    link.publishChunk = (_, bytes) => {
      sent.push(decodeChunk(bytes)!.index);
      return new Promise((resolve) => taken.push(resolve));
    };
    ask({ chunkBytes, count: 3 * perRead });
    await eventually(() => sent.length === perRead);
    expect(reads).toEqual([transferLimits.readBytesMax, transferLimits.readBytesMax]);
    pace.limit('orchard', 8_000);
    for (let at = 0; at < 3 * perRead; at++) {
      await eventually(() => taken.length > at);
      taken[at]!();
      await advance(1_000);
    }
    expect(sent).toEqual(Array.from({ length: 3 * perRead }, (_, i) => i));
    expect(new Set(reads.slice(2))).toEqual(new Set([chunkBytes]));
  });

  it('says what is beyond the end and what does not exist', async () => {
    ask({ from: 3, count: 2 });
    ask({ path: `blobs/${'cd'.repeat(32)}`, count: 8 });
    ask({ path: 'metadata/..', count: 8 });
    ask({ from: Number.MAX_SAFE_INTEGER });
    await eventually(() => link.chunks.length === 4);
    expect(shapes()).toEqual(['beyond-end 3 0', 'not-found 0 0', 'not-found 0 0', 'beyond-end 4294967295 0']);
    expect(answers()[0]!.totalBytes).toBe(2_500);
  });

  it('serves a station one request at a time, keeps a few waiting, and refuses what comes beyond', async () => {
    let open = () => {};
    link.gate = new Promise((resolve) => {
      open = () => resolve();
    });
    const refused = 5;
    for (let i = 0; i < 1 + transferLimits.waitingPerStationMax + refused; i++) ask({ id: i });
    ask({ id: 99 }, 'right');
    open();
    await eventually(() => link.chunks.length === 2 + transferLimits.waitingPerStationMax + refused);
    const byStatus = (status: string) => answers().filter((answer) => answer.status === status);
    expect(byStatus('refused')).toHaveLength(refused);
    expect(byStatus('data').map(({ id }) => id)).toContain(99);
  });

  it('shares the cap of a site among those that fetch, fairly, and leaves other sites alone', async () => {
    pace.limit('orchard', 64);
    // One asks for all it can, another for a little at a time.
    for (let i = 0; i < 8; i++) ask({ id: i, count: 2 }, 'greedy');
    ask({ id: 50 }, 'modest');
    ask({ id: 51 }, 'modest');
    transfers.accept({ ...address, site: 'valley', station: 'far' }, request({ id: 99, count: 2 }));
    await advance(250);
    expect(link.chunks.filter(({ station }) => station === 'far')).toHaveLength(2);
    await advance(400);
    const had = (name: string) => link.chunks.filter(({ station }) => station === name).length;
    expect(had('modest')).toBe(2);
    // 8,000 bytes a second, a quarter of one at once, and one more chunk that was begun.
    expect(had('greedy') + had('modest')).toBeLessThanOrEqual(9);
    await advance(3_000);
    expect(had('greedy')).toBe(16);
  });

  it('takes a new cap at once, for those who wait too', async () => {
    pace.limit('orchard', 32);
    for (let i = 0; i < 5; i++) ask({ id: i, count: 2 });
    await advance(500);
    const before = link.chunks.length;
    expect(before).toBeLessThan(5);
    pace.limit('orchard', null);
    await advance(0);
    expect(link.chunks).toHaveLength(10);
  });

  it('says at once that it is there, and sends a chunk once that is asked for twice while it waits', async () => {
    pace.limit('orchard', 32);
    ask({ id: 1, count: 2 });
    ask({ id: 2, count: 2 });
    await advance(0);
    const before = answers().filter(({ status }) => status === 'data').length;
    ask({ id: 2, count: 2 });
    await advance(0);
    expect(answers().at(-1)).toMatchObject({ status: 'refused', id: 2 });
    await advance(5_000);
    expect(before).toBeLessThan(4);
    expect(answers().filter(({ status }) => status === 'data')).toHaveLength(4);
    ask({ id: 2, count: 1 });
    await advance(5_000);
    expect(answers().filter(({ status }) => status === 'data')).toHaveLength(5);
  });

  it('refuses in quiet hours, from the middle of a request on, and lets go who waits when it stops', async () => {
    pace.limit('orchard', 32);
    ask({ count: 2 });
    await advance(0);
    isHeld = true;
    await advance(5_000);
    expect(shapes()).toEqual(['data 0 1024', 'refused 1 0']);
    isHeld = false;
    for (let i = 0; i < 5; i++) ask({ id: i, count: 2 });
    await transfers.stop();
    expect(link.chunks.length).toBeLessThan(12);
  });

  it('goes on with the next request after the broker was away', async () => {
    link.isAway = true;
    ask({ id: 1 });
    await eventually(() => {
      link.isAway = false;
      ask({ id: 2 });
      return answers().some(({ id }) => id === 2);
    });
  });

  it.each(['', '{', 'null', '{"v":1}', '[]'])('counts %j and sends nothing', async (text) => {
    transfers.accept(address, Buffer.from(text));
    transfers.accept(address, Buffer.alloc(2_000, 0x20));
    await transfers.stop();
    expect(link.chunks).toEqual([]);
    expect(rejections.take().reduce((sum, { count }) => sum + count, 0)).toBe(2);
  });

  it.each(['../pki/ca.key', 'blobs/../pki/ca.key', 'metadata/../keys/x', '/etc/passwd', 'keys/desired.pem'])(
    'does not even look at the path %s',
    async (path) => {
      const valid = JSON.parse(
        encode('transfer/request', {
          v: 1,
          boot: testBoot,
          seq: 1,
          at: '2026-01-01T00:00:00.000Z',
          id: 1,
          path: `blobs/${digest}`,
          chunkBytes: 1_024,
          from: 0,
          count: 1,
        }).toString(),
      ) as object;
      transfers.accept(address, Buffer.from(JSON.stringify({ ...valid, path })));
      await transfers.stop();
      expect(link.chunks).toEqual([]);
      expect(rejections.take()).toMatchObject([{ cause: 'schema', channel: 'transfer/request' }]);
    },
  );
});
