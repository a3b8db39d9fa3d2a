import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { openDatabase, type PomonaDatabase } from './open-database.ts';
import { SqlSiteStore } from './sql-site-store.ts';

describe.each(databases)('on $name', (database) => {
  let folder: string;
  let db: PomonaDatabase;
  let store: SqlSiteStore;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pomona-sites-'));
    db = await openDatabase(folder, await database.options());
    store = new SqlSiteStore(db);
  });
  afterEach(async () => {
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  it('knows the last word about each site, and all of them', async () => {
    const quietHours = { from: '22:00', to: '05:00', zone: 'Asia/Kolkata' };
    const change = (kbitPerSMax: number | null, at: string) => ({
      at,
      actor: 'ada',
      reason: 'slow line',
      delivery: { kbitPerSMax, quietHours },
    });
    await store.add('valley', change(512, '2026-01-02T00:00:00.000Z'));
    await store.add('hill', change(64, '2026-01-03T00:00:00.000Z'));
    // A clock that was set back changes nothing about the order.
    await store.add('valley', change(null, '2026-01-01T00:00:00.000Z'));
    expect(await store.current()).toEqual(
      new Map([
        ['hill', { kbitPerSMax: 64, quietHours }],
        ['valley', { kbitPerSMax: null, quietHours }],
      ]),
    );
    expect(await store.log('valley')).toEqual([
      change(null, '2026-01-01T00:00:00.000Z'),
      change(512, '2026-01-02T00:00:00.000Z'),
    ]);
    expect(await store.log('nowhere')).toEqual([]);
  });
});
