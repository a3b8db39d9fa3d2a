import { type Chunk, decodeChunk, encode, type TransferRequest } from '@pomona/wire';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryLink } from '../testing/memory-link.ts';
import { RecordingLogger } from '../testing/recording-logger.ts';
import { eventually } from '../testing/test-control-plane.ts';
import { testBoot } from '../testing/test-station.ts';
import { Rejections } from './rejections.ts';
import { TransferServer, transferLimits } from './serve-transfer.ts';

const address = { site: 'orchard', line: 'one', station: 'left' };
const digest = 'ab'.repeat(32);
const file = Buffer.alloc(2_500, 7);

let link: MemoryLink;
let rejections: Rejections;
let transfers: TransferServer;

beforeEach(() => {
  link = new MemoryLink();
  const logger = new RecordingLogger();
  rejections = new Rejections(logger);
  const files = {
    async read(path: string, offset: number, length: number) {
      if (path !== `blobs/${digest}`) return undefined;
      return { bytes: file.subarray(offset, offset + length), totalBytes: file.length };
    },
  };
  transfers = new TransferServer({ files, link, rejections, logger });
});

const ask = (change: Partial<TransferRequest> = {}, station = 'left') =>
  transfers.accept(
    { ...address, station },
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
    }),
  );
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
