import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { findPostgres, startPostgres } from '../../testing/postgres-server.ts';
import { eventually, startTestControlPlane } from '../../testing/test-control-plane.ts';
import { enrolTestStation, TestStation, testGrades, testStatus } from '../../testing/test-station.ts';
import { openDatabase } from './open-database.ts';
import { writerLock } from './postgres-dialect.ts';
import { SqlModelRegistry } from './sql-model-registry.ts';

const onPostgres = databases.filter(({ name }) => name === 'PostgreSQL');
const bin = findPostgres();

describe.each(onPostgres)('a control plane on $name', (database) => {
  it('keeps everything there, and remembers where', async () => {
    const { url } = await database.options();
    const first = await startTestControlPlane({ databaseUrl: url! });
    const station = await TestStation.connect(first.plane, await enrolTestStation(first.plane, 'left'));
    await station.send('status', testStatus('online'));
    await station.send('grades', testGrades([1, 2, 3]));
    await eventually(async () => (await first.plane.overview()).fruits === 3);
    expect((await first.plane.setDesired('left', { release: null })).counter).toBe(1);
    await first.plane.stop();
    expect(statSync(join(first.folder, 'database.json')).mode & 0o777).toBe(0o600);
    const second = await startTestControlPlane({ dataFolder: first.folder });
    const overview = await second.plane.overview();
    expect(overview.fruits).toBe(3);
    expect(overview.stations[0]?.status?.state).toBe('offline');
    expect((await second.plane.setDesired('left', { release: null })).counter).toBe(2);
    const registry = await openDatabase(first.folder);
    expect(await new SqlModelRegistry(registry).nextVersion('apples')).toBe(1);
    await registry.destroy();
    await second.remove();
  });

  it('is refused while another one has the database, and starts once that stopped', async () => {
    const { url } = await database.options();
    const first = await startTestControlPlane({ databaseUrl: url! });
    await expect(startTestControlPlane({ databaseUrl: url! })).rejects.toMatchObject({
      code: 'database-in-use',
    });
    await first.remove();
    const second = await startTestControlPlane({ databaseUrl: url! });
    await second.remove();
  });
});

describe.each(onPostgres)('$name', (database) => {
  it('lets one transaction in at a time, and says so, retryable, when that takes too long', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pomona-busy-'));
    const { url } = await database.options();
    const db = await openDatabase(folder, { url: url!, busyTimeoutMs: 50 });
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    await other.query(`select pg_advisory_lock(${writerLock})`);
    const count = () => db.transaction().execute((trx) => trx.selectFrom('stations').selectAll().execute());
    await expect(count()).rejects.toMatchObject({ code: 'database-busy', retryable: true });
    await other.end();
    expect(await count()).toEqual([]);
    await db.destroy();
    rmSync(folder, { recursive: true });
  });
});

describe.skipIf(bin === undefined)('a PostgreSQL that goes away', () => {
  it('costs no fruit: what was not stored is stored when it is back', async () => {
    const server = await startPostgres(bin!);
    const url = await server.createDatabase();
    const { plane, remove } = await startTestControlPlane({ databaseUrl: url });
    const station = await TestStation.connect(plane, await enrolTestStation(plane, 'left'));
    await station.send('grades', testGrades([1, 2]));
    await eventually(async () => (await plane.overview()).fruits === 2);
    const back = server.restart();
    for (let seq = 3; seq <= 12; seq++) await station.send('grades', testGrades([seq]));
    await back;
    await eventually(async () => (await plane.overview()).fruits === 12, 15_000);
    // The leader's lock comes back by itself.
    const watcher = new pg.Client({ connectionString: url });
    await watcher.connect();
    await eventually(async () => {
      const leaders =
        "select 1 from pg_locks join pg_stat_activity using (pid) where locktype = 'advisory' and application_name = 'pomona leader'";
      return (await watcher.query(leaders)).rows.length === 1;
    }, 10_000);
    await watcher.end();
    await expect(startTestControlPlane({ databaseUrl: url })).rejects.toMatchObject({
      code: 'database-in-use',
    });
    expect(plane.lost.aborted).toBe(false);
    await station.end();
    await remove();
    await server.stop();
  });
});

it('an address that is not PostgreSQL’s is refused without showing it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pomona-url-'));
  const error = await openDatabase(folder, { url: 'mysql://me:secret@host/x' }).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'database-url-invalid' });
  expect(String(error)).not.toContain('secret');
  rmSync(folder, { recursive: true });
});
