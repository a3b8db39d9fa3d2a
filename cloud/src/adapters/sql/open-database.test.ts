import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DatasetView, isAppError, type ModelView } from '@pomona/wire';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseFile, openDatabase } from './open-database.ts';
import { SqlDatasetRegistry } from './sql-dataset-registry.ts';
import { SqlModelRegistry } from './sql-model-registry.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-sql-'));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

const dataset = (digest: string, createdAt: string): DatasetView => ({
  name: 'apples',
  digest: digest.padEnd(64, '0'),
  createdAt,
  source: 'orchard',
  labels: ['good', 'ok', 'bad'],
  inputSize: 64,
  images: 10,
  groups: 5,
  viewsPerFruit: 2,
  byGrade: [],
  bySplit: [],
  quarantined: [],
  leftOut: [],
});

const model = (version: number): ModelView => ({
  name: 'sequential',
  version,
  digest: 'a'.repeat(64),
  createdAt: '2026-01-01T00:00:00.000Z',
  labels: ['good', 'bad'],
  dataset: { name: 'apples', digest: 'b'.repeat(64) },
  network: 'sequential',
  parameters: {},
  seed: 1,
  codeRevision: 'x',
  releaseBytes: 1,
  trainImagesPerSecond: 1,
  evaluation: {
    unit: 'fruit',
    images: 1,
    groups: 1,
    accuracy: 1,
    balancedAccuracy: 1,
    macroF1: 1,
    confusion: [],
    perClass: [],
    ece: 0,
    byGroup: [],
  },
});

describe('openDatabase', () => {
  it('refuses data of a newer schema and says so', async () => {
    await (await openDatabase(folder)).destroy();
    const raw = new Sqlite(join(folder, databaseFile));
    raw.exec('update pomona_schema set version = 99');
    raw.close();
    const error = await openDatabase(folder).catch((e: unknown) => e);
    expect(isAppError(error, 'data-folder-newer')).toBe(true);
    expect(String(error)).toMatch(/newer Pomona.*99/);
  });

  it('refuses a folder that is a file, and one that it may not write to', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expect(openDatabase(file)).rejects.toMatchObject({ code: 'data-folder-not-writable' });
    await expect(openDatabase(join(file, 'below'))).rejects.toMatchObject({
      code: 'data-folder-not-writable',
    });
    if (process.getuid?.() === 0) return;
    chmodSync(folder, 0o500);
    await expect(openDatabase(folder)).rejects.toMatchObject({ code: 'data-folder-not-writable' });
  });

  it('lets a second connection write while the first has it open', async () => {
    const first = await openDatabase(folder);
    const second = await openDatabase(folder);
    await new SqlDatasetRegistry(second).save(dataset('ab', '2026-01-01T00:00:00.000Z'));
    expect(await new SqlDatasetRegistry(first).list()).toHaveLength(1);
    await first.destroy();
    await second.destroy();
  });

  it('reports a full disk as retryable, and leaves the transaction undone', async () => {
    const db = await openDatabase(folder);
    const raw = new Sqlite(join(folder, databaseFile));
    const pages = raw.pragma('page_count', { simple: true });
    raw.close();
    const { sql } = await import('@pomona/kysely');
    await sql.raw(`pragma max_page_count = ${pages}`).execute(db);
    const registry = new SqlDatasetRegistry(db);
    const filled = db.transaction().execute(async (trx) => {
      for (let i = 0; i < 500; i++)
        await new SqlDatasetRegistry(trx).save(dataset(i.toString(16), '2026-01-01T00:00:00.000Z'));
    });
    await expect(filled).rejects.toMatchObject({ code: 'database-full', retryable: true });
    expect(await registry.list()).toEqual([]);
    await sql.raw('pragma max_page_count = 1000000').execute(db);
    await registry.save(dataset('ab', '2026-01-01T00:00:00.000Z'));
    expect(await registry.list()).toHaveLength(1);
    await db.destroy();
  });
});

describe('registries', () => {
  it('finds the newest dataset version, or the one that a prefix names', async () => {
    const db = await openDatabase(folder);
    const registry = new SqlDatasetRegistry(db);
    const old = dataset('abc1', '2026-01-01T00:00:00.000Z');
    const young = dataset('abc2', '2026-01-02T00:00:00.000Z');
    await registry.save(young);
    await registry.save({ ...old, quarantined: [{ path: 'a.jpg', reason: 'it is blurred' }] });
    await registry.save(old);
    expect(await registry.list()).toEqual([young, old]);
    expect(await registry.find('apples')).toEqual(young);
    expect(await registry.find('apples', 'abc1')).toEqual(old);
    expect(await registry.find('apples', 'ff')).toBeUndefined();
    expect(await registry.find('pears')).toBeUndefined();
    await expect(registry.find('apples', 'abc')).rejects.toMatchObject({ code: 'digest-ambiguous' });
    await db.destroy();
  });

  it('numbers model versions and never overwrites one', async () => {
    const db = await openDatabase(folder);
    const registry = new SqlModelRegistry(db);
    expect(await registry.nextVersion('sequential')).toBe(1);
    await registry.save(model(1));
    await registry.save(model(2));
    expect(await registry.nextVersion('sequential')).toBe(3);
    expect((await registry.find('sequential'))?.version).toBe(2);
    expect((await registry.find('sequential', 1))?.version).toBe(1);
    expect(await registry.find('sequential', 9)).toBeUndefined();
    await expect(registry.save(model(2))).rejects.toThrow(/UNIQUE/);
    await db.destroy();
  });
});
