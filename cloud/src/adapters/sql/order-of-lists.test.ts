import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelView, Reported } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { openDatabase, type PomonaDatabase } from './open-database.ts';
import { openStores, type Stores } from './open-stores.ts';

const numbered = ['sim-10', 'sim-2', 'sim-1'];
const inOrder = ['sim-1', 'sim-2', 'sim-10'];

describe.each(databases)('on $name', (database) => {
  let folder: string;
  let db: PomonaDatabase;
  let stores: Stores;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pomona-order-'));
    db = await openDatabase(folder, await database.options());
    stores = openStores(db);
  });
  afterEach(async () => {
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  it('lists stations, and what runs at them, as people count', async () => {
    const release = { name: 'apples', version: 1, digest: 'a'.repeat(64) };
    const running = { release, variant: 'int8', since: new Date(1).toISOString() };
    for (const station of numbered) {
      const { id } = await stores.stations.ensure({ site: 'valley', line: 'line-1', station }, 1);
      await stores.runs.record(id, { running } as Reported, 1);
    }
    await stores.stations.ensure({ site: 'valley', line: 'line-01', station: 'north' }, 1);
    const listed = await stores.stations.list();
    expect(listed.map(({ station }) => station)).toEqual(['north', ...inOrder]);
    expect((await stores.runs.at({ atMs: 2 })).map(({ station }) => station)).toEqual(inOrder);
  });

  it('lists models, users and readers as people count', async () => {
    const createdAt = new Date(1).toISOString();
    for (const name of numbered) {
      for (const version of [1, 2])
        await stores.models.save({ ...{ name, version, digest: name + version }, createdAt } as ModelView);
      await stores.access.addUser({ name, role: 'viewer', salt: '', hash: '', created_at: 1 });
      await stores.readers.save({ user: name, salt: '', hash: '', channels: [] }, 1);
    }
    expect((await stores.models.list()).map(({ name, version }) => `${name}@${version}`)).toEqual(
      inOrder.flatMap((name) => [`${name}@2`, `${name}@1`]),
    );
    expect((await stores.access.users()).map(({ name }) => name)).toEqual(inOrder);
    expect((await stores.readers.list()).map(({ user }) => user)).toEqual(inOrder);
  });
});
