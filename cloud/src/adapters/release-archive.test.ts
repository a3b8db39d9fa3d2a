import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTrustRepository, type TrustRepository } from '@pomona/release';
import { type AppError, systemClock } from '@pomona/wire';
import { Header } from 'tar';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorCostOf } from '../domain/error-cost.ts';
import { sampleArtifacts } from '../testing/sample-training.ts';
import { type BuiltRelease, buildRelease } from '../use-cases/build-release.ts';
import { importRelease } from '../use-cases/import-release.ts';
import { BlobFolder } from './blob-folder.ts';
import { readReleaseArchive, writeReleaseArchive } from './release-archive.ts';
import { openDatabase } from './sql/open-database.ts';
import { SqlModelRegistry } from './sql/sql-model-registry.ts';
import { SqlProjectStore } from './sql/sql-project-store.ts';
import { verifyArchive } from './verify-archive.ts';

let home: string;
let data: string;
let trust: TrustRepository;
let built: BuiltRelease;
let whole: Buffer;
let folder: string;

const openTrust = (dataFolder: string) =>
  openTrustRepository({
    folder: join(dataFolder, 'trust'),
    keysFolder: join(dataFolder, 'keys'),
    clock: systemClock,
  });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'pomona-archive-'));
  data = join(home, 'data');
  trust = await openTrust(data);
  const ports = { trust, blobs: new BlobFolder(data), clock: systemClock };
  const parent = { name: 'apples', version: 2 };
  const request = { name: 'apples', version: 3, artifacts: sampleArtifacts(), codeRevision: 'abc', parent };
  built = await buildRelease(ports, request);
  const file = join(home, 'apples-3.tar');
  await writeReleaseArchive(file, data, built.release.digest);
  whole = await readFile(file);
});
afterAll(() => rm(home, { recursive: true }));
beforeEach(async () => {
  folder = await mkdtemp(join(home, 'case-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** What `verify` says of a file of these bytes. */
async function said(bytes: Uint8Array, rootJson = trust.rootJson()): Promise<string> {
  const file = join(folder, 'release.tar');
  await writeFile(file, bytes);
  try {
    const { release } = await verifyArchive(await readReleaseArchive(file), rootJson);
    return `${release.name}@${release.version}`;
  } catch (error) {
    return (error as AppError).code ?? String(error);
  }
}

/** The whole file with one more entry before its end. */
function withEntry(path: string, type: 'File' | 'SymbolicLink' = 'File', content = 'x'): Buffer {
  const header = Buffer.alloc(512);
  const body = type === 'File' ? Buffer.from(content) : Buffer.alloc(0);
  const linkpath = type === 'File' ? '' : '/etc/passwd';
  new Header({ path, type, size: body.byteLength, mode: 0o644, mtime: new Date(0), linkpath }).encode(header);
  const padding = Buffer.alloc((512 - (body.byteLength % 512)) % 512);
  return Buffer.concat([header, body, padding, whole]);
}

describe('a release in one file', () => {
  it('is proven by the root alone, and is the same file each time', async () => {
    expect(await said(whole)).toBe('apples@3');
    const again = join(folder, 'again.tar');
    await writeReleaseArchive(again, data, built.release.digest);
    expect((await readFile(again)).equals(whole)).toBe(true);
  });

  it('still is after the keys of the list were changed, and by the first root', async () => {
    const first = trust.rootJson();
    await trust.changeRoles([{ role: 'root', add: [], remove: [] }]);
    const file = join(folder, 'later.tar');
    await writeReleaseArchive(file, data, built.release.digest);
    expect(await said(await readFile(file), first)).toBe('apples@3');
  });

  it('is refused under the root of another control plane', async () => {
    const stranger = await openTrust(join(folder, 'stranger'));
    expect(await said(whole, stranger.rootJson())).toBe('archive-untrusted');
    const notRoots = ['no root', '', 'null', '{"signed":{"_type":"targets"}}'];
    for (const text of notRoots) expect(await said(whole, text)).toBe('root-unreadable');
  });

  it('says which part of it is missing', async () => {
    const file = join(folder, 'release.tar');
    await writeFile(file, whole);
    const files = await readReleaseArchive(file);
    for (const name of [...files.keys()].filter((each) => !each.endsWith('.root.json'))) {
      const less = new Map([...files].filter(([each]) => each !== name));
      await expect(verifyArchive(less, trust.rootJson()), name).rejects.toMatchObject({
        code: 'archive-incomplete',
      });
    }
  });

  it('is refused with a changed byte anywhere in its contents', async () => {
    const needles = ['"x-pomona-signed-at"', '"temperature":1.5', Buffer.alloc(64, 3), Buffer.alloc(64, 5)];
    for (const needle of needles) {
      const at = whole.indexOf(needle);
      expect(at).toBeGreaterThan(0);
      const changed = Buffer.from(whole);
      changed[at + 40] = changed[at + 40]! ^ 1;
      expect(await said(changed)).toMatch(/^archive-(refused|incomplete|untrusted)$/);
    }
  });

  it('is refused when it was cut short, or is no such file', async () => {
    expect(await said(whole.subarray(0, whole.byteLength >> 1))).toMatch(/archive-/);
    expect(await said(Buffer.from('hello'))).toMatch(/archive-/);
    expect(await said(Buffer.alloc(0))).toMatch(/archive-/);
    await expect(readReleaseArchive(join(folder, 'nowhere'))).rejects.toMatchObject({
      code: 'archive-unreadable',
    });
  });

  it.each([
    ['../../etc/cron.d/x'],
    ['/etc/passwd'],
    ['trust/../keys/trust-root.pem'],
    ['blobs/../trust/x'],
    ['notes.txt'],
    ['trust/timestamp.json'],
    [`blobs/${'A'.repeat(64)}`],
  ])('is refused with %s in it', async (path) => {
    expect(await said(withEntry(path))).toBe('archive-refused');
  });

  it('is refused with a link in it', async () => {
    expect(await said(withEntry(`blobs/${'a'.repeat(64)}`, 'SymbolicLink'))).toBe('archive-refused');
  });

  it('is not written over a file, nor without one of its parts', async () => {
    const file = join(folder, 'taken.tar');
    await writeFile(file, 'mine');
    await expect(writeReleaseArchive(file, data, built.release.digest)).rejects.toMatchObject({
      code: 'archive-exists',
    });
    await expect(writeReleaseArchive(join(folder, 'b.tar'), data, 'f'.repeat(64))).rejects.toMatchObject({
      code: 'archive-incomplete',
    });
    expect((await readFile(file)).toString()).toBe('mine');
    expect(await readdir(folder)).toEqual(['taken.tar']);
  });

  it('leaves nothing behind where there is no room for it, and is written when there is', async () => {
    const file = join(folder, 'roomy.tar');
    // A full disk, as far as whoever writes can tell (full(4)).
    await symlink('/dev/full', `${file}.partial`);
    await expect(writeReleaseArchive(file, data, built.release.digest)).rejects.toMatchObject({
      code: 'archive-unwritable',
      cause: { code: 'ENOSPC' },
    });
    expect(await readdir(folder)).toEqual([]);
    await writeReleaseArchive(file, data, built.release.digest);
    expect(await said(await readFile(file))).toBe('apples@3');
  });
});

describe('another control plane', () => {
  it('takes it over under its own keys, with its lineage and its own verdict, once', async () => {
    const other = join(folder, 'other');
    const theirs = await openTrust(other);
    const db = await openDatabase(other);
    try {
      const models = new SqlModelRegistry(db);
      const ports = {
        ...{ trust: theirs, blobs: new BlobFolder(other), models },
        ...{ project: new SqlProjectStore(db), clock: systemClock },
      };
      const file = join(folder, 'release.tar');
      await writeFile(file, whole);
      const checked = await verifyArchive(await readReleaseArchive(file), trust.rootJson());
      const why = { actor: 'anna', reason: 'the valley has no network', rootDigest: 'c'.repeat(64) };
      const { model, said: outcome } = await importRelease(ports, checked, why);
      expect(outcome).toBe('published');
      const { weightsDigest: _, ...figures } = built.model;
      expect(model).toMatchObject(figures);
      expect(model.parent).toEqual({ name: 'apples', version: 2 });
      const { targets } = await ports.project.read();
      expect(model.errorCost).toEqual(errorCostOf(built.model, targets));
      expect(model.errorCost?.perCase).toBe(0.5);
      expect(model.gates?.some(({ name, verdict }) => name === 'macro-f1' && verdict === 'failed')).toBe(
        true,
      );
      expect((await importRelease(ports, checked, why)).said).toBe('known');
      const log = await models.log('apples');
      expect(log.map(({ actor, action }) => [actor, action])).toEqual([['anna', 'imported 3']]);
      const onward = join(folder, 'onward.tar');
      await writeReleaseArchive(onward, other, model.digest);
      expect(await said(await readFile(onward), theirs.rootJson())).toBe('apples@3');
      const different = { ...checked, release: { ...checked.release, digest: 'd'.repeat(64) } };
      await expect(importRelease(ports, different, why)).rejects.toMatchObject({ code: 'version-taken' });
    } finally {
      await db.destroy();
    }
  });
});
