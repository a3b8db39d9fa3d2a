import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { sql } from '@pomona/kysely';
import { digestOf } from '@pomona/release';
import { channelRow, encode, type SamplePart, type Samples } from '@pomona/wire';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { databaseFile, openDatabase, type PomonaDatabase } from '../adapters/sql/open-database.ts';
import { openStores, type Stores } from '../adapters/sql/open-stores.ts';
import { databases } from '../testing/databases.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { MemoryLink } from '../testing/memory-link.ts';
import { RecordingLogger } from '../testing/recording-logger.ts';
import { eventually } from '../testing/test-control-plane.ts';
import { testBoot, testGrades, testHealth, testStatus } from '../testing/test-station.ts';
import { Ingest, type IngestNews, ingestLimits } from './ingest.ts';
import { Rejections } from './rejections.ts';

const address = { site: 'orchard', line: 'one', station: 'left' };

describe.each(databases)('on $name', (database) => {
  // Those make the trouble, or look from outside, in SQLite's own ways.
  const onSqlite = it.skipIf(database.name !== 'SQLite');

  let folder: string;
  let db: PomonaDatabase;
  let stores: Stores;
  let link: MemoryLink;
  let logger: RecordingLogger;
  let clock: ManualClock;
  let rejections: Rejections;
  let news: IngestNews[];
  let ingest: Ingest;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pomona-ingest-'));
    db = await openDatabase(folder, { ...(await database.options()), busyTimeoutMs: 1 });
    stores = openStores(db);
    await stores.stations.ensure(address, 0);
    link = new MemoryLink();
    logger = new RecordingLogger();
    clock = new ManualClock();
    rejections = new Rejections(logger);
    news = [];
    ingest = new Ingest({
      store: stores.telemetry,
      parts: stores.sampleParts,
      stations: stores.stations,
      blobs: new BlobFolder(folder),
      link,
      rejections,
      clock,
      logger,
      onCommitted: (one) => news.push(one),
    });
  });

  afterEach(async () => {
    await ingest.stop();
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  const sendGrades = (seqs: readonly number[]) =>
    ingest.accept(address, 'grades', encode('grades', testGrades(seqs)));
  const countFruits = async () => {
    const row = await db
      .selectFrom('fruits')
      .select(({ fn }) => fn.countAll<number>().as('n'))
      .executeTakeFirst();
    return row!.n;
  };
  const ackedRanges = () => link.acks.flatMap(({ ack }) => ack.ranges);

  describe('fruits', () => {
    it('count once, however often and in whatever order they come', async () => {
      for (const seqs of [[4, 5, 6], [1, 2, 3], [5, 6, 7], [1, 2, 3, 4, 5, 6, 7], [7]]) {
        sendGrades(seqs);
        sendGrades(seqs);
        await ingest.idle();
      }
      expect(await countFruits()).toBe(7);
      const totals = await stores.fruits.totals();
      expect(totals.reduce((sum, { count }) => sum + count, 0)).toBe(7);
      const rollups = await stores.fruits.rollups(0);
      expect(rollups.reduce((sum, { count }) => sum + count, 0)).toBe(7);
      expect(news.flatMap(({ newest }) => newest(100).map(({ seq }) => seq)).sort()).toEqual([
        1, 2, 3, 4, 5, 6, 7,
      ]);
      expect(news.every(({ stations }) => stations.length === 1)).toBe(true);
    });

    it('come back from the store as they were sent', async () => {
      const message = testGrades([3, 4]);
      sendGrades([3, 4]);
      await ingest.idle();
      const stored = await stores.fruits.list({ limit: 10 });
      expect(stored).toEqual(
        [...message.fruits].reverse().map((fruit) => ({
          ...fruit,
          ...address,
          boot: testBoot,
          releaseDigest: message.release.digest,
          labels: message.labels,
          receivedAt: new Date(clock.ms).toISOString(),
        })),
      );
      const [newest] = stored;
      const before = { station: 'left', boot: testBoot, seq: newest!.seq };
      expect((await stores.fruits.list({ limit: 10, before })).map(({ seq }) => seq)).toEqual([3]);
      expect(await stores.fruits.list({ limit: 10, station: 'right' })).toEqual([]);
    });

    it('of two boots with the same numbers are different fruits', async () => {
      sendGrades([1]);
      ingest.accept(address, 'grades', encode('grades', testGrades([1], { boot: 'f'.repeat(16) })));
      await ingest.idle();
      expect(await countFruits()).toBe(2);
      expect(link.acks.map(({ ack }) => ack.boot).sort()).toEqual([testBoot, 'f'.repeat(16)].sort());
    });

    it('with a time that does not exist count as graded when they arrived', async () => {
      const message = testGrades([1]);
      const at = '2026-13-99T00:00:00.000Z';
      ingest.accept(
        address,
        'grades',
        encode('grades', { ...message, fruits: [{ ...message.fruits[0]!, at }] }),
      );
      await ingest.idle();
      expect((await stores.fruits.list({ limit: 1 }))[0]?.at).toBe(new Date(clock.ms).toISOString());
      expect(ackedRanges()).toEqual([[1, 1]]);
    });
  });

  describe('acknowledgement', () => {
    onSqlite('comes after the commit, and names fruits and health alike', async () => {
      let storedWhenAcked = -1;
      const publishAck = link.publishAck.bind(link);
      link.publishAck = async (station, ack) => {
        storedWhenAcked = new Sqlite(join(folder, databaseFile), { readonly: true })
          .prepare('select count(*) from fruits')
          .pluck()
          .get() as number;
        await publishAck(station, ack);
      };
      sendGrades([1, 2]);
      ingest.accept(address, 'health', encode('health', testHealth(3)));
      sendGrades([9]);
      await ingest.idle();
      expect(storedWhenAcked).toBe(3);
      expect(ackedRanges()).toEqual([
        [1, 3],
        [9, 9],
      ]);
    });

    it('comes again for what was stored before', async () => {
      link.isAway = true;
      sendGrades([1]);
      await ingest.idle();
      expect(link.acks).toEqual([]);
      link.isAway = false;
      sendGrades([1]);
      await ingest.idle();
      expect(ackedRanges()).toEqual([[1, 1]]);
    });

    it('stays within its channel whatever the ranges are', async () => {
      const most = Number.MAX_SAFE_INTEGER;
      for (let part = 0; part < 3; part++)
        sendGrades(Array.from({ length: 500 }, (_, i) => most - 3_000 + (part * 500 + i) * 2));
      await ingest.idle();
      expect(ackedRanges()).toHaveLength(1_500);
      for (const { ack } of link.acks) expect(() => encode('ack', ack)).not.toThrow();
    });
  });

  describe('trouble with the database', () => {
    onSqlite(
      'keeps a batch while another process holds the lock, and acknowledges it afterwards',
      async () => {
        const other = new Sqlite(join(folder, databaseFile));
        other.exec('begin immediate');
        sendGrades([1, 2]);
        await eventually(() => logger.lines.some(({ message }) => message.includes('trying again')));
        expect(link.acks).toEqual([]);
        other.exec('rollback');
        other.close();
        await ingest.idle();
        expect(await countFruits()).toBe(2);
        expect(ackedRanges()).toEqual([[1, 2]]);
      },
    );

    onSqlite('loses nothing when the disk is full', async () => {
      const pages = (await sql<{ page_count: number }>`pragma page_count`.execute(db)).rows[0]!.page_count;
      await sql.raw(`pragma max_page_count = ${pages}`).execute(db);
      for (let i = 0; i < 10; i++) sendGrades(Array.from({ length: 100 }, (_, k) => i * 100 + k));
      await eventually(() =>
        logger.lines.some(({ fields }) => 'code' in fields && fields.code === 'database-full'),
      );
      expect(link.acks).toEqual([]);
      await sql.raw('pragma max_page_count = 100000').execute(db);
      await ingest.idle();
      expect(await countFruits()).toBe(1_000);
      expect(ackedRanges()).toEqual([[0, 999]]);
    });

    onSqlite(
      'stores the rest of a batch when one message cannot be stored, and does not acknowledge that one',
      async () => {
        await sql
          .raw(
            "create trigger refuse before insert on fruits when new.seq = 13 begin select raise(abort, 'no'); end",
          )
          .execute(db);
        sendGrades([1, 2]);
        sendGrades([13]);
        sendGrades([20]);
        await ingest.idle();
        expect(await countFruits()).toBe(3);
        expect(ackedRanges().flat()).not.toContain(13);
        expect(await rejectedCauses()).toEqual(['not-stored']);
      },
    );

    onSqlite('lets go of what comes when too much waits, and stores it when it comes again', async () => {
      await ingest.stop();
      const limits = { ...ingestLimits, waitingRecordsMax: 20 };
      const { telemetry: store, sampleParts: parts, stations } = stores;
      const blobs = new BlobFolder(folder);
      const ports = { store, parts, stations, blobs, link, rejections, clock, logger };
      ingest = new Ingest(ports, limits);
      const other = new Sqlite(join(folder, databaseFile));
      other.exec('begin immediate');
      for (let seq = 0; seq < 60; seq += 10) sendGrades(Array.from({ length: 10 }, (_, i) => seq + i));
      other.exec('rollback');
      other.close();
      await ingest.idle();
      expect(await countFruits()).toBe(20);
      expect(ackedRanges()).toEqual([[0, 19]]);
      for (let seq = 20; seq < 60; seq += 20) {
        sendGrades(Array.from({ length: 20 }, (_, i) => seq + i));
        await ingest.idle();
      }
      expect(await countFruits()).toBe(60);
      expect(await rejectedCauses()).toEqual(['overloaded']);
    });
  });

  async function rejectedCauses(): Promise<string[]> {
    // Counters are stored with the next commit.
    ingest.accept(address, 'health', encode('health', testHealth(999_999)));
    await ingest.idle();
    return (await stores.rejections.list()).map(({ cause }) => cause).sort();
  }

  describe('what is malformed', () => {
    const channels = ['status', 'reported', 'grades', 'health'] as const;
    it.each(channels)('is counted and logged once on %s, and never stops the next', async (channel) => {
      const bad = [
        Buffer.alloc(0),
        Buffer.from('{'),
        Buffer.from([0xff, 0xfe]),
        Buffer.from('null'),
        Buffer.from('[]'),
        Buffer.from('{"v":2}'),
        Buffer.from(`{"__proto__":{"x":1},"v":1,"boot":"${testBoot}"}`),
        Buffer.alloc(channelRow(channel).maxBytes + 1, 0x20),
      ];
      for (const bytes of [...bad, ...bad]) ingest.accept(address, channel, bytes);
      expect(await rejectedCauses()).toEqual(['not-json', 'oversized', 'schema']);
      const counted = await stores.rejections.list();
      expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(2 * bad.length);
      expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(3);
      sendGrades([1]);
      await ingest.idle();
      expect(await countFruits()).toBe(1);
    });

    it('but names itself goes to quarantine and is acknowledged, so that the sender can go on', async () => {
      const message = testGrades([1, 2, 3]);
      const broken = { ...message, fruits: [message.fruits[0], { seq: 2, grade: 7 }, message.fruits[2]] };
      ingest.accept(address, 'grades', Buffer.from(JSON.stringify(broken)));
      ingest.accept(address, 'health', Buffer.from(JSON.stringify({ ...testHealth(4), rssMb: 'much' })));
      await ingest.idle();
      expect(await countFruits()).toBe(2);
      expect(ackedRanges()).toEqual([[1, 4]]);
      const kept = await db
        .selectFrom('quarantine')
        .select(['channel', 'seq', 'body'])
        .orderBy('seq')
        .execute();
      expect(kept[0]).toEqual({ channel: 'grades', seq: 2, body: '{"seq":2,"grade":7}' });
      expect(kept[1]).toMatchObject({ channel: 'health', seq: 4 });
    });
  });

  describe('a sample in parts', () => {
    const view = deflateRawSync(Buffer.alloc(8 * 8 * 3, 7)).toString('base64');
    const sampleOf = (seq: number, change: Partial<Samples> = {}): Samples => ({
      ...{ v: 1, boot: testBoot, seq, at: testGrades([1]).at, release: testGrades([1]).release },
      ...{ labels: ['good', 'ok', 'bad'], size: 8, reason: 'random', views: [view] },
      fruit: { seq: 1, at: testGrades([1]).at, lane: 0, grade: 'good', probabilities: [0.8, 0.1, 0.1] },
      ...change,
    });
    // Four parts of 1,100 characters and a rest, in spaces that JSON allows.
    const textOf = (sample: Samples) => JSON.stringify(sample).padEnd(5_000, ' ');
    const partOf = (sample: Samples, from: number, to: number, change = {}): SamplePart => {
      const text = textOf(sample);
      const { v, boot, seq, at } = sample;
      const part = { from, of: text.length, digest: digestOf(Buffer.from(text)), ...change };
      return { v, boot, seq, at, part, text: text.slice(from, to) };
    };
    const send = async (part: SamplePart) => {
      ingest.accept(address, 'samples', encode('samples', part));
      await ingest.idle();
      return link.acks.at(-1)?.ack;
    };
    const stored = async () => (await db.selectFrom('samples').select('seq').execute()).map(({ seq }) => seq);
    const waiting = async () => (await db.selectFrom('sample_parts').select('start').execute()).length;

    it('is stored once all are here, in their order, and says each time how much is kept', async () => {
      const sample = sampleOf(5);
      expect(await send(partOf(sample, 0, 0))).toMatchObject({ ranges: [], sample: { seq: 5, upTo: 0 } });
      for (const [from, to, upTo] of [
        [0, 1_100, 1_100],
        [0, 1_100, 1_100],
        [2_200, 3_300, 1_100],
        [1_100, 1_200, 1_100],
        [1_100, 2_200, 2_200],
        [2_200, 4_900, 4_900],
      ] as const)
        expect((await send(partOf(sample, from, to)))?.sample).toEqual({ seq: 5, upTo });
      expect(await stored()).toEqual([]);
      const last = await send(partOf(sample, 4_900, 5_000));
      expect([last?.ranges, last?.sample]).toEqual([[[5, 5]], undefined]);
      expect([await stored(), await waiting()]).toEqual([[5], 0]);
      // The acknowledgement was lost, and the station asks.
      expect((await send(partOf(sample, 0, 0)))?.sample).toEqual({ seq: 5, upTo: 0 });
    });

    it('is stored when the power failed between its last part and the commit', async () => {
      const sample = sampleOf(6);
      const id = (await stores.stations.find('left'))!.id;
      for (const [from, to] of [
        [0, 4_000],
        [4_000, 5_000],
      ] as const)
        await stores.sampleParts.add(id, partOf(sample, from, to), 0);
      expect((await send(partOf(sample, 0, 0)))?.ranges).toEqual([[6, 6]]);
      expect([await stored(), await waiting()]).toEqual([[6], 0]);
    });

    it('is dropped for the next sample of its station, of which alone something is kept', async () => {
      await send(partOf(sampleOf(7), 0, 3_000));
      expect((await send(partOf(sampleOf(8), 0, 2_000)))?.sample).toEqual({ seq: 8, upTo: 2_000 });
      expect(await waiting()).toBe(1);
      expect((await send(partOf(sampleOf(7), 3_000, 5_000)))?.sample).toEqual({ seq: 7, upTo: 0 });
    });

    it('goes to quarantine when its parts do not make what they name', async () => {
      const other = sampleOf(99);
      const damaged = [
        partOf(sampleOf(9), 0, 5_000, { digest: 'e'.repeat(64) }),
        { ...partOf(other, 0, 5_000), seq: 10 },
        partOf(sampleOf(11, { views: ['AAAA'] }), 0, 5_000),
      ];
      for (const part of damaged) await send(part);
      expect(ackedRanges()).toEqual([
        [9, 9],
        [10, 10],
        [11, 11],
      ]);
      expect([await stored(), await waiting()]).toEqual([[], 0]);
      expect(await rejectedCauses()).toEqual(['sample-damaged']);
    });
  });

  describe('stations', () => {
    it('that are unknown or elsewhere are not stored and not acknowledged', async () => {
      const payload = encode('grades', testGrades([1]));
      ingest.accept({ ...address, station: 'nobody' }, 'grades', payload);
      ingest.accept({ ...address, line: 'two' }, 'grades', payload);
      await ingest.idle();
      expect(await countFruits()).toBe(0);
      expect(link.acks).toEqual([]);
      expect(await rejectedCauses()).toEqual(['unknown-station', 'wrong-place']);
    });

    it('keep their latest status, health and report, and forget none to an older message', async () => {
      ingest.accept(address, 'status', encode('status', testStatus('online')));
      ingest.accept(address, 'health', encode('health', testHealth(5, { fruits: 50 })));
      ingest.accept(address, 'health', encode('health', testHealth(4, { fruits: 40 })));
      await ingest.idle();
      ingest.accept(address, 'health', encode('health', testHealth(3, { fruits: 30 })));
      ingest.accept(address, 'status', encode('status', testStatus('offline')));
      await ingest.idle();
      const station = (await stores.stations.find('left'))!;
      expect(station.health?.fruits).toBe(50);
      expect(station.status?.state).toBe('offline');
      expect(station.lastSeenAtMs).toBe(clock.ms);
    });
  });
});
