import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from '@pomona/kysely';
import { describe, expect, it } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { drawWindows } from '../../testing/drift-windows.ts';
import { openDatabase } from './open-database.ts';
import { SqlDriftStore } from './sql-drift-store.ts';
import { defaultRetention, pruneRecords } from './sql-retention.ts';

it('reads windows and baselines by an index that has all that is asked for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pomona-drift-plan-'));
  const db = await openDatabase(folder);
  const plan = async (where: string) => {
    const query = sql<{ detail: string }>`explain query plan ${sql.raw(where)}`;
    return (await query.execute(db)).rows.map(({ detail }) => detail).join('; ');
  };
  const which = 'station_id = 1 and release_id = 1 and fruits = 500 and edges = 1';
  for (const order of ['id', 'id desc']) {
    const found = await plan(`select body from drift_windows where ${which} order by ${order} limit 5`);
    expect(found).toMatch(/^SEARCH drift_windows USING INDEX drift_windows_comparable/);
    expect(found).not.toMatch(/TEMP B-TREE/);
  }
  expect(await plan(`select count(*) from drift_windows where ${which}`)).toMatch(/COVERING INDEX/);
  expect(
    await plan(
      'select release_id, fruits from drift_windows where station_id = 1 and edges = 1 order by id desc limit 1',
    ),
  ).toMatch(/^SEARCH drift_windows USING INDEX drift_windows_newest[^;]*$/);
  const ranked = 'row_number() over (partition by station_id, edges, release_id, fruits order by id)';
  const baselines = await plan(`select id, ${ranked} from drift_windows where station_id = 1`);
  expect(baselines).toMatch(/COVERING INDEX drift_windows_comparable/);
  expect(baselines).not.toMatch(/TEMP B-TREE/);
  expect(
    await plan('select id from drift_windows where station_id = 1 order by id desc limit 1 offset 20'),
  ).not.toMatch(/TEMP B-TREE|SCAN/);
  await db.destroy();
  rmSync(folder, { recursive: true });
});

describe.each(databases)('windows of statistics in $name', (database) => {
  it('are read in the order of arrival by release, and pruned but for the baselines', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pomona-drift-store-'));
    const db = await openDatabase(folder, { ...(await database.options()), busyTimeoutMs: 500 });
    const store = new SqlDriftStore(db);
    const insert = async (stationId: number, releaseId: number, count: number) => {
      for (const window of drawWindows(count, 20, stationId, {}, 100 * releaseId))
        await db
          .insertInto('drift_windows')
          .values({
            ...{ station_id: stationId, boot_id: stationId, seq: window.seq, release_id: releaseId },
            ...{
              received_at: 1_700_000_000_000,
              fruits: window.fruits,
              edges: window.edges,
              body: JSON.stringify(window),
            },
          })
          .execute();
    };
    await insert(1, 1, 8);
    await insert(2, 1, 3);
    await insert(1, 2, 7);
    const of = (stationId: number, releaseId: number, fruits = 20) => ({ stationId, releaseId, fruits });
    const seqs = async (release: number, limit: number) =>
      (await store.last(of(1, release), limit)).map(({ window }) => window.seq);

    expect(await store.newest(1)).toEqual(of(1, 2));
    expect(await store.newest(3)).toBeUndefined();
    expect((await store.first(of(1, 1), 2)).map(({ window }) => window.seq)).toEqual([100, 101]);
    expect(await seqs(1, 3)).toEqual([105, 106, 107]);
    for (const name of ['left', 'right'])
      await db.insertInto('stations').values({ name, site: 's', line: 'l', created_at: 0 }).execute();
    const range = { nowMs: 0, signal: new AbortController().signal };
    await pruneRecords(db, range, { ...defaultRetention, driftWindowsPerStationMax: 2 });
    expect(await seqs(1, 20)).toEqual([100, 101, 102, 103, 104]);
    expect(await seqs(2, 20)).toEqual([200, 201, 202, 203, 204, 205, 206]);
    expect([
      await store.count(of(1, 1)),
      await store.count(of(2, 1)),
      await store.count(of(2, 1, 30)),
    ]).toEqual([5, 3, 0]);
    await db.destroy();
    rmSync(folder, { recursive: true });
  });
});
