import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { openDatabase, type PomonaDatabase } from './open-database.ts';
import { pruneOld } from './prune-old.ts';

const beforeMs = 1_700_000_000_000;
const old = beforeMs - 1;
const none = { fruits: 0, health: 0, windows: 0, samples: 0 };

describe.each(databases)('records in $name that came in long ago', (database) => {
  let folder: string;
  let db: PomonaDatabase;
  let bootId: number;
  let ending: AbortController;
  let seq = 0;
  const prune = () => pruneOld(db, { beforeMs, signal: ending.signal });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pomona-prune-'));
    db = await openDatabase(folder, { ...(await database.options()), busyTimeoutMs: 500 });
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

  async function addSample(receivedAtMs: number, labels: readonly (string | null)[]): Promise<number> {
    const sample = await db
      .insertInto('samples')
      .values({
        ...{ ...name(), at: receivedAtMs, received_at: receivedAtMs, release_name: 'apples' },
        ...{ release_version: 1, release_digest: 'a'.repeat(64), labels: '[]', size: 8, views: 1 },
        ...{ reason: 'random', fruit_seq: 1, lane: 0, grade: 'good', probabilities: '[]', uncertainty: 0 },
        ...{ pixels: '[]', label: labels.at(-1) ?? null, labelled_at: null, labelled_by: null },
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
