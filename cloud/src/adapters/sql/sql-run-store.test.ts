import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reported } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { openDatabase, type PomonaDatabase } from './open-database.ts';
import { openStores, type Stores } from './open-stores.ts';

const day = 86_400_000;
const start = Date.parse('2026-10-01T06:00:00Z');

/** What a station reports that runs this version since then. */
function reported(version: number | null, sinceMs = 0, variant = 'int8'): Reported {
  const release = { name: 'apples', version: version ?? 1, digest: String(version).repeat(64) };
  const running = version === null ? null : { release, variant, since: new Date(sinceMs).toISOString() };
  return { running } as Reported;
}

describe.each(databases)('on $name', (database) => {
  let folder: string;
  let db: PomonaDatabase;
  let stores: Stores;
  let left: number;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pomona-runs-'));
    db = await openDatabase(folder, await database.options());
    stores = openStores(db);
    left = (await stores.stations.ensure({ site: 'valley', line: 'line-2', station: 'left' }, 0)).id;
  });
  afterEach(async () => {
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  const at = async (atMs: number, place: object = { line: 'line-2' }) =>
    (await stores.runs.at({ atMs, ...place })).map(({ station, release }) => [station, release?.version]);

  it('tells each release that a station ever ran, once, and the last first', async () => {
    for (const [index, version] of [1, 2, null, 1].entries())
      await stores.runs.record(left, reported(version, start + index), start + index);
    const ever = await stores.runs.everRan();
    expect(ever.map(({ stationId, release }) => [stationId, release.version])).toEqual([
      [left, 1],
      [left, 2],
    ]);
  });

  it('knows what graded on a line at an instant, from what the station said', async () => {
    await stores.runs.record(left, reported(1, start), start + 1_000);
    await stores.runs.record(left, reported(1, start), start + day);
    await stores.runs.record(left, reported(2, start + 2 * day), start + 2 * day);
    await stores.runs.record(left, reported(null), start + 3 * day);
    expect(await at(start - 1)).toEqual([]);
    expect(await at(start)).toEqual([['left', 1]]);
    expect(await at(start + 2 * day - 1)).toEqual([['left', 1]]);
    expect(await at(start + 2 * day)).toEqual([['left', 2]]);
    expect(await at(start + 9 * day)).toEqual([['left', undefined]]);
    expect(await stores.runs.at({ atMs: start })).toMatchObject([
      { site: 'valley', line: 'line-2', variant: 'int8', until: new Date(start + 2 * day).toISOString() },
    ]);
    expect(await at(start, { line: 'line-1' })).toEqual([]);
    expect(await at(start, { station: 'left', site: 'valley' })).toEqual([['left', 1]]);
  });

  it('believes a station that reports a swap of days ago, and no clock that cannot be right', async () => {
    await stores.runs.record(left, reported(1, start - 3 * day), start);
    await stores.runs.record(left, reported(2, Date.parse('1970-01-01T00:01:00Z')), start + day);
    await stores.runs.record(left, reported(3, start + 900 * day), start + 2 * day);
    await stores.runs.record(left, reported(4, start - day), start + 3 * day);
    expect(await at(start - 2 * day)).toEqual([['left', 1]]);
    expect(await at(start + day - 1)).toEqual([['left', 1]]);
    expect(await at(start + day)).toEqual([['left', 2]]);
    // It cannot have begun before what ran before it, which had its time.
    expect(await at(start + 2 * day - 1)).toEqual([['left', 2]]);
    expect(await at(start + 2 * day)).toEqual([['left', 3]]);
    expect(await at(start + 3 * day - 1)).toEqual([['left', 3]]);
    expect(await at(start + 3 * day)).toEqual([['left', 4]]);
  });

  it('names the release that was rolled back for the time that it graded', async () => {
    await stores.runs.record(left, reported(1, start), start);
    await stores.runs.record(left, reported(2, start + day), start + day);
    // The station goes back to what it ran, and says since when it first did.
    await stores.runs.record(left, reported(1, start), start + 2 * day);
    expect(await at(start + day - 1)).toEqual([['left', 1]]);
    expect(await at(start + day)).toEqual([['left', 2]]);
    expect(await at(start + 2 * day - 1)).toEqual([['left', 2]]);
    expect(await at(start + 2 * day)).toEqual([['left', 1]]);
  });
});
