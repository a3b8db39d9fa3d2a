import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { digestOf } from '@pomona/release';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { finishRemovals } from '../../use-cases/finish-removals.ts';
import { BlobFolder } from '../blob-folder.ts';
import { openDatabase, type PomonaDatabase } from './open-database.ts';
import { openStores } from './open-stores.ts';
import { pruneOld } from './prune-old.ts';
import { pruneRecords } from './sql-retention.ts';

const beforeMs = 1_700_000_000_000;
const old = beforeMs - 1;
const none = { fruits: 0, health: 0, windows: 0, samples: 0 };

describe.each(databases)('records in $name that came in long ago', (database) => {
  let folder: string;
  let db: PomonaDatabase;
  let bootId: number;
  let ending: AbortController;
  let blobs: BlobFolder;
  let seq = 0;
  const prune = () => pruneOld(db, { beforeMs, signal: ending.signal, blobs });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pomona-prune-'));
    db = await openDatabase(folder, { ...(await database.options()), busyTimeoutMs: 500 });
    blobs = new BlobFolder(folder);
    ending = new AbortController();
    const station = await db
      .insertInto('stations')
      .values({ name: 'left', site: 'farm', line: 'one', created_at: old } as never)
      .returning('id')
      .executeTakeFirstOrThrow();
    const boot = await db
      .insertInto('boots')
      .values({ station_id: station.id, boot: '00000000000000aa' })
      .returning('id')
      .executeTakeFirstOrThrow();
    bootId = boot.id;
  });
  afterEach(async () => {
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  const name = () => ({ boot_id: bootId, station_id: 1, seq: ++seq });

  async function addFruits(count: number, receivedAtMs: number): Promise<void> {
    const fruits = Array.from({ length: count }, () => ({
      ...{ ...name(), release_id: 1, recipe_version: 1, at: receivedAtMs, received_at: receivedAtMs },
      ...{ lane: 0, position_mm: 1, grade: 'good', gate: 0, outcome: 'graded', probabilities: '[]' },
      ...{ views: 1, diameter_mm: 70, colour: '[0,0,0]', latency_ms: 5 },
    }));
    for (let at = 0; at < count; at += 100)
      await db
        .insertInto('fruits')
        .values(fruits.slice(at, at + 100))
        .execute();
  }

  async function addSample(
    receivedAtMs: number,
    labels: readonly (string | null)[],
    pixels = `of sample ${++seq}`,
  ): Promise<number> {
    const digest = await blobs.put(Buffer.from(pixels));
    const sample = await db
      .insertInto('samples')
      .values({
        ...{ ...name(), at: receivedAtMs, received_at: receivedAtMs, release_name: 'apples' },
        ...{ release_version: 1, release_digest: 'a'.repeat(64), labels: '[]', size: 8, views: 1 },
        ...{ reason: 'random', fruit_seq: 1, lane: 0, grade: 'good', probabilities: '[]', uncertainty: 0 },
        ...{ pixels: digest, label: labels.at(-1) ?? null, labelled_at: null, labelled_by: null },
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    for (const label of labels)
      await db
        .insertInto('sample_labels')
        .values({ sample_id: sample.id, at: receivedAtMs, actor: 'ada', label })
        .execute();
    return sample.id;
  }

  const idsOf = async (table: 'fruits' | 'samples' | 'drift_windows' | 'health_records') =>
    (await db.selectFrom(table).select('id').orderBy('id').execute()).map(({ id }) => id);

  it('go, while what came in since stays and ingest goes on', async () => {
    await addFruits(1_300, old);
    await addFruits(20, beforeMs);
    for (const received_at of [old, beforeMs])
      await db
        .insertInto('health_records')
        .values({ ...name(), received_at, body: '{}' })
        .execute();
    let isDone = false;
    const pruning = prune().finally(() => {
      isDone = true;
    });
    await addFruits(1, beforeMs + 1);
    expect(isDone).toBe(false);
    expect(await pruning).toEqual({ ...none, fruits: 1_300, health: 1 });
    expect(await idsOf('fruits')).toHaveLength(21);
    expect(await idsOf('health_records')).toHaveLength(1);
    expect(await prune()).toEqual(none);
  });

  it('stay when a person ever labelled them', async () => {
    await addSample(old, []);
    const kept = [await addSample(old, ['bad']), await addSample(old, ['bad', null])];
    kept.push(await addSample(beforeMs, []));
    expect(await prune()).toEqual({ ...none, samples: 1 });
    expect(await idsOf('samples')).toEqual(kept);
  });

  it('take the pictures of samples along, but for those that another sample has', async () => {
    await addSample(old, [], 'seen once');
    await addSample(old, [], 'seen again');
    await addSample(beforeMs, [], 'seen again');
    await addSample(old, ['bad'], 'labelled');
    const release = await blobs.put(Buffer.from('a release'));
    expect(readdirSync(blobs.folder)).toHaveLength(4);
    expect(await prune()).toEqual({ ...none, samples: 2 });
    const kept = ['seen again', 'labelled'].map((text) => digestOf(Buffer.from(text)));
    expect(readdirSync(blobs.folder).sort()).toEqual([...kept, release].sort());
  });

  it('leave no picture behind when the power fails while they are removed', async () => {
    await addSample(old, [], 'one');
    await addSample(old, [], 'two');
    const failing = { remove: () => Promise.reject(new Error('power cut')) };
    await expect(pruneOld(db, { beforeMs, signal: ending.signal, blobs: failing })).rejects.toThrow(
      'power cut',
    );
    expect([await idsOf('samples'), readdirSync(blobs.folder).length]).toEqual([[], 2]);
    const stores = openStores(db);
    expect(await finishRemovals({ ...stores, blobs })).toBe(2);
    expect([await stores.removals.list(), readdirSync(blobs.folder)]).toEqual([[], []]);
  });

  it('are pruned by number a batch at a time, and ingest goes on meanwhile', async () => {
    for (let at = 0; at < 1_300; at += 100)
      await db
        .insertInto('health_records')
        .values(Array.from({ length: 100 }, () => ({ ...name(), received_at: old, body: '{}' })))
        .execute();
    for (let seq = 0; seq < 4; seq++)
      await db
        .insertInto('quarantine')
        .values({
          ...{ station_id: 1, channel: 'grades', boot: 'b', seq, received_at: old, cause: 'schema' },
          ...{ detail: '', body: '{}' },
        })
        .execute();
    const dayMs = 86_400_000;
    for (const bucket of [1, 2, 3])
      await db
        .insertInto('fruit_rollups')
        .values({ bucket: bucket * dayMs, station_id: 1, grade: 'good', count: 1 })
        .execute();
    const counts = { healthPerStationMax: 10, driftWindowsPerStationMax: 1, quarantineMax: 3 };
    const limits = { ...counts, rollupDays: 1, samplePartDays: 1 };
    const part = { station_id: 1, end: 9, boot: 'b', seq: 1, digest: 'd', text: 'a part' };
    for (const start of [2, 3])
      await db
        .insertInto('sample_parts')
        .values({ ...part, start, received_at: start * dayMs })
        .execute();
    const range = { nowMs: 4 * dayMs, signal: ending.signal };
    const newest = (await idsOf('health_records')).slice(-10);
    let isDone = false;
    const pruning = pruneRecords(db, range, limits).finally(() => {
      isDone = true;
    });
    await addFruits(1, beforeMs);
    expect(isDone).toBe(false);
    await pruning;
    expect(await idsOf('health_records')).toEqual(newest);
    expect(await db.selectFrom('quarantine').select('seq').orderBy('id').execute()).toEqual([
      { seq: 1 },
      { seq: 2 },
      { seq: 3 },
    ]);
    expect(await db.selectFrom('fruit_rollups').select('bucket').execute()).toEqual([{ bucket: 3 * dayMs }]);
    expect(await db.selectFrom('sample_parts').select('start').execute()).toEqual([{ start: 3 }]);
  });

  it('stay when drift is measured from them', async () => {
    for (let i = 0; i < 9; i++)
      await db
        .insertInto('drift_windows')
        .values({ ...name(), release_id: 1, received_at: old, fruits: 500, edges: 1, body: '{}' })
        .execute();
    const before = await idsOf('drift_windows');
    expect(await prune()).toEqual({ ...none, windows: 4 });
    expect(await idsOf('drift_windows')).toEqual(before.slice(0, 5));
    expect(await prune()).toEqual(none);
  });

  it('are left when the control plane stops', async () => {
    await addFruits(600, old);
    ending.abort();
    expect(await prune()).toEqual(none);
    expect(await idsOf('fruits')).toHaveLength(600);
  });
});
