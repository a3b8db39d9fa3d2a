import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Manifest, parseManifest } from '@pomona/release';
import { type ModelView, type Reported, type SignedEnvelope, seededRandom } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { openDatabase, type PomonaDatabase } from '../adapters/sql/open-database.ts';
import { openStores, type Stores } from '../adapters/sql/open-stores.ts';
import { beginRollout } from '../domain/rollout.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { sampleArtifacts } from '../testing/sample-training.ts';
import { type BuildReleaseRequest, buildRelease } from './build-release.ts';
import { finishRemovals } from './finish-removals.ts';
import { importRelease } from './import-release.ts';
import { type PrunePorts, previewPrune, pruneModels } from './prune-models.ts';
import { findReleased } from './set-desired.ts';
import { weightsOf } from './weights-of.ts';

const day = 86_400_000;
const by = { actor: 'ada', reason: 'the disk is full' };
const place = { site: 'valley', line: 'one' };

let folder: string;
let db: PomonaDatabase;
let stores: Stores;
let blobs: BlobFolder;
let clock: ManualClock;
let ports: PrunePorts;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-prune-'));
  db = await openDatabase(folder);
  stores = openStores(db);
  blobs = new BlobFolder(folder);
  clock = new ManualClock();
  ports = { ...stores, blobs, clock };
  const { targets } = await stores.project.read();
  await stores.project.write({ ...targets, keepVersions: 1, keepVersionDays: 30 }, 'ada', 0);
});
afterEach(async () => {
  await db.destroy();
  rmSync(folder, { recursive: true });
});

/** A release with files of its own, but for the golden views, which are the same in all. */
async function train(version: number, change: Partial<BuildReleaseRequest> = {}): Promise<ModelView> {
  const artifacts = sampleArtifacts();
  const random = seededRandom(version);
  const noise = (bytes: number) => Uint8Array.from({ length: bytes }, () => Math.floor(random.next() * 256));
  const trust = { publishManifest: async () => 'published' as const, newestVersion: async () => 0 };
  const { model } = await buildRelease(
    { trust, blobs, clock },
    {
      ...{ name: 'apples', version, codeRevision: 'abc' },
      artifacts: {
        ...artifacts,
        models: new Map([...artifacts.models.keys()].map((file) => [file, noise(1_000)])),
        weights: noise(500),
      },
      ...change,
    },
  );
  await stores.models.save(model);
  return model;
}

const manifestOf = async ({ digest }: ModelView): Promise<Manifest> =>
  parseManifest(await blobs.read(digest));
const versions = async () => (await stores.models.list()).map(({ version }) => version).toSorted();
const files = () => readdirSync(blobs.folder).length;

/** A station that was heard once, long ago, and since then nothing. */
async function hear(station: string, reported: object): Promise<number> {
  const { id } = await stores.stations.ensure({ ...place, station }, 0);
  await db
    .updateTable('stations')
    .set({ reported: JSON.stringify({ update: { release: null }, running: null, ...reported }) })
    .where('id', '=', id)
    .execute();
  return id;
}

const running = (release: ModelView) => ({
  running: { release, variant: 'fp32', since: '2020-01-01T00:00:00.000Z' },
});

describe('pruneModels', () => {
  it('removes what nobody needs with its files, keeps files that others share, and says what it freed', async () => {
    const [first, second] = [await train(1), await train(2)];
    clock.ms += 400 * day;
    const third = await train(3);
    const before = files();
    const preview = await previewPrune(ports);
    expect([await versions(), files()]).toEqual([[1, 2, 3], before]);
    const report = await pruneModels(ports, by);
    expect(report).toEqual({ ...preview, done: true });
    expect(await versions()).toEqual([3]);
    const own = (await manifestOf(third)).files.length + 2;
    expect(files()).toBe(own);
    expect(report.freedFiles).toBe(before - own);
    // Two models, weights and a manifest each; the golden views stay.
    expect(report.freedBytes).toBeGreaterThan(2 * (first.variants!.length * 1_000 + 500));
    expect(report.freedBytes).toBeLessThan(first.releaseBytes + second.releaseBytes + 1_000);
    for (const { digest } of (await manifestOf(third)).files)
      expect(await blobs.bytesOf(digest)).toBeGreaterThan(0);
    expect(
      (await stores.models.log('apples')).map(({ actor, action, reason }) => [actor, action, reason]),
    ).toEqual(
      expect.arrayContaining([
        ['ada', 'removed 1', 'the disk is full'],
        ['ada', 'removed 2', 'the disk is full'],
      ]),
    );
    expect(await pruneModels(ports, by)).toMatchObject({ freedFiles: 0, freedBytes: 0 });
  });

  it('keeps all that a station which was not heard for years needs when it comes back', async () => {
    const made: ModelView[] = [];
    for (let version = 1; version <= 8; version++) made.push(await train(version));
    const [runs, fallback, staged, wanted, , given] = made;
    await hear('winter', {
      ...running(runs!),
      slots: [
        { name: 'a', release: runs, state: 'running' },
        { name: 'b', release: fallback, state: 'previous' },
      ],
      update: { release: staged },
    });
    const record = (await stores.stations.find('winter'))!;
    const desired = (release: ModelView) =>
      stores.desired.advance(record, 0, () => ({
        desired: { release } as never,
        envelope: {} as SignedEnvelope,
        ownRecipe: null,
      }));
    await desired(given!);
    await desired(wanted!);
    clock.ms += 3_000 * day;
    const report = await pruneModels(ports, by);
    expect(await versions()).toEqual([1, 2, 3, 4, 8]);
    expect(report.versions.find(({ version }) => version === 2)?.why).toEqual([
      'station winter has it in a slot',
    ]);
    // It comes back on a new board, which has nothing: all that it is to run is there to be fetched.
    const { files: parts } = await manifestOf(wanted!);
    for (const { digest, bytes } of parts) expect(await blobs.bytesOf(digest)).toBe(bytes);
    expect(await findReleased({ ...stores, isWaiting: async () => false }, wanted!)).toEqual(wanted);
  });

  it('goes by what a station ran where it tells no slots, and keeps the record of what graded fruit', async () => {
    const made: ModelView[] = [];
    for (let version = 1; version <= 4; version++) made.push(await train(version));
    const id = await hear('old', running(made[2]!));
    for (const [at, model] of made.slice(0, 3).entries())
      await stores.runs.record(id, running(model) as unknown as Reported, at + 1);
    clock.ms += 400 * day;
    await pruneModels(ports, by);
    expect(await versions()).toEqual([1, 2, 3, 4]);
    const states = await Promise.all(
      [1, 2, 3].map(async (version) => (await stores.models.find('apples', version))!),
    );
    expect(states.map(({ filesRemovedAt }) => filesRemovedAt !== undefined)).toEqual([true, false, false]);
    expect(await blobs.find(made[0]!.digest)).toBeUndefined();
    await expect(findReleased({ ...stores, isWaiting: async () => false }, made[0]!)).rejects.toMatchObject({
      code: 'files-removed',
    });
  });

  it('keeps what an alias points at, and what an unfinished rollout brings or would give back', async () => {
    const made: ModelView[] = [];
    for (let version = 1; version <= 5; version++) made.push(await train(version));
    await stores.models.setAlias({
      ...{ name: 'apples', alias: 'champion', version: 1, detail: '', atMs: 0 },
      ...by,
    });
    const release = made[1]!;
    const spec = { release, plan: {} as never };
    const state = beginRollout(
      { release, plan: { canary: 0, waves: { base: 1, factor: 1, max: 1 } } as never },
      ['left'],
      0,
    );
    const members = state.members.map((member) => ({ ...member, previous: made[2]! }));
    const draft = { createdAtMs: 0, ...by, query: {}, spec, state: { ...state, members } };
    const { id } = await stores.rollouts.create(draft, { kind: 'create', ...by });
    clock.ms += 400 * day;
    await pruneModels(ports, by);
    expect(await versions()).toEqual([1, 2, 3, 5]);
    await stores.rollouts.save(id, draft.state, { ...draft.state, status: 'done' }, [], 0);
    await pruneModels(ports, by);
    expect(await versions()).toEqual([1, 5]);
  });

  it('keeps the record of ancestors, and the weights from which a calibrated version is retrained', async () => {
    const first = await train(1);
    await train(2, { parent: { name: 'apples', version: 1 } });
    clock.ms += 400 * day;
    const calibration = { scale: 1, shift: [0, 0], images: 9, groups: 3, heldBack: 'test' as const };
    const dataset = { name: 'phone', digest: 'e'.repeat(64) };
    const before = { accuracy: 0.5, balancedAccuracy: 0.5, ece: 0.1 };
    await train(3, {
      parent: { name: 'apples', version: 2 },
      calibration: { ...calibration, dataset, before },
    });
    const report = await pruneModels(ports, by);
    expect(report.versions.map(({ version, verdict, why }) => [version, verdict, why])).toEqual([
      [3, 'keep', expect.anything()],
      [2, 'drop-files', ['apples@3 comes from it', 'apples@3 is retrained from its weights']],
      [1, 'drop-files', ['apples@3 comes from it']],
    ]);
    const weights = await weightsOf(stores, { name: 'apples', version: 2 });
    expect(await blobs.bytesOf(weights)).toBe(500);
    await expect(weightsOf(stores, first)).rejects.toMatchObject({ code: 'model-unknown' });
    expect(await pruneModels(ports, by)).toMatchObject({ freedFiles: 0 });
  });

  it('removes nothing while a job is under way, nor when it cannot tell what stays', async () => {
    await train(1);
    clock.ms += 400 * day;
    const last = await train(2);
    const busy = { ...ports, jobs: { list: async () => [{ id: 7, endedAt: null }] } };
    await expect(pruneModels(busy, by)).rejects.toMatchObject({ code: 'models-busy' });
    await blobs.remove(last.digest);
    await expect(pruneModels(ports, by)).rejects.toMatchObject({ code: 'model-unreadable' });
    expect(await versions()).toEqual([1, 2]);
  });

  it('puts everything back when a version was ordered in the same moment', async () => {
    const first = await train(1);
    clock.ms += 400 * day;
    await train(2);
    const before = files();
    let looks = 0;
    const order = { station: { station: 'left' }, desired: { release: first } } as never;
    const racing = { ...ports, desired: { list: async () => (++looks > 1 ? [order] : []) } };
    await expect(pruneModels(racing, by)).rejects.toMatchObject({
      code: 'models-busy',
      message: expect.stringContaining('station left is to run it'),
    });
    expect(await stores.models.find('apples', 1)).toEqual(first);
    expect(files()).toBe(before);
  });

  it('leaves, wherever the power fails, no version without its files and, after the next start, no file without a version', async () => {
    await train(1);
    await train(2);
    clock.ms += 400 * day;
    await train(3);
    await db.destroy();
    const before = `${folder}-before`;
    cpSync(folder, before, { recursive: true });
    /** As it was before, in a process that starts. */
    const start = async () => {
      rmSync(folder, { recursive: true });
      cpSync(before, folder, { recursive: true });
      db = await openDatabase(folder);
      stores = openStores(db);
    };
    const end = async () => [await versions(), readdirSync(blobs.folder).toSorted()];
    let steps = 0;
    let cutAt = Number.POSITIVE_INFINITY;
    const step = async <T>(run: () => Promise<T>): Promise<T> => {
      if (++steps === cutAt) throw new Error('power cut');
      const result = await run();
      if (++steps === cutAt) throw new Error('power cut');
      return result;
    };
    const cutting = ({ removals, models }: Stores): PrunePorts => ({
      ...{ ...stores, clock },
      models: {
        list: () => models.list(),
        allAliases: () => models.allAliases(),
        changeVersions: (changes) => step(() => models.changeVersions(changes)),
      },
      blobs: {
        find: (digest) => blobs.find(digest),
        bytesOf: (digest) => blobs.bytesOf(digest),
        remove: (digest) => step(() => blobs.remove(digest)),
      },
      removals: {
        record: (digests) => step(() => removals.record(digests)),
        forget: (digests) => step(() => removals.forget(digests)),
      },
    });
    await start();
    await pruneModels(cutting(stores), by);
    const expected = await end();
    const points = steps;
    // Before and after the record, the registry, each of eight files, and the record again.
    expect(points).toBe(22);
    for (cutAt = 1; cutAt <= points; cutAt++) {
      await db.destroy();
      await start();
      steps = 0;
      await expect(pruneModels(cutting(stores), by)).rejects.toThrow('power cut');
      for (const model of await stores.models.list())
        for (const { digest } of (await manifestOf(model)).files)
          expect(await blobs.bytesOf(digest), `cut at ${cutAt}`).toBeGreaterThan(0);
      await finishRemovals({ ...stores, blobs });
      expect(await stores.removals.list()).toEqual([]);
      // Cut before the registry was changed, nothing was removed, and pruning is to be done again.
      if ((await versions()).length === 3) await pruneModels({ ...stores, blobs, clock }, by);
      expect(await end(), `cut at ${cutAt}`).toEqual(expected);
    }
    rmSync(before, { recursive: true });
  });

  it('finishes no removal of what came back, is on order or shows a sample', async () => {
    const [first, second] = [await train(1), await train(2)];
    const [shown, stray] = [await blobs.put(Buffer.of(1)), await blobs.put(Buffer.of(2))];
    const removed = { ...by, at: first.createdAt, action: 'removed 2', detail: '' };
    await stores.models.changeVersions([{ ...second, record: undefined, entry: removed }]);
    const all = readdirSync(blobs.folder);
    await stores.removals.record(all);
    const order = {
      station: { station: 'left' },
      desired: { release: { ...second, weightsDigest: undefined } },
    } as never;
    const facts = { ...stores, blobs, desired: { list: async () => [order] } };
    const removals = {
      ...{ list: () => stores.removals.list(), shown: async () => [shown] },
      forget: (digests: readonly string[]) => stores.removals.forget(digests),
    };
    await finishRemovals({ ...facts, removals } as never);
    expect(readdirSync(blobs.folder).toSorted()).toEqual(
      all.filter((file) => file !== stray && file !== second.weightsDigest).toSorted(),
    );
    expect(await stores.removals.list()).toEqual([]);
  });

  it('lets the files come back from an archive', async () => {
    const first = await train(1);
    const manifest = await manifestOf(first);
    const manifestBytes = await blobs.read(first.digest);
    const contents = new Map<string, Uint8Array>();
    for (const { name, digest } of manifest.files) contents.set(name, await blobs.read(digest));
    await train(2, { parent: { name: 'apples', version: 1 } });
    clock.ms += 400 * day;
    await train(3, { parent: { name: 'apples', version: 2 } });
    await pruneModels(ports, by);
    const { name, version, digest } = first;
    const checked = {
      release: { name, version, digest },
      manifest,
      manifestBytes,
      contents,
      signedAt: first.createdAt,
    };
    const trust = { publishManifest: async () => 'known' as never };
    await importRelease({ ...stores, trust, blobs, clock }, checked, { ...by, rootDigest: 'c'.repeat(64) });
    expect(
      (await findReleased({ ...stores, isWaiting: async () => false }, first)).filesRemovedAt,
    ).toBeUndefined();
    for (const part of manifest.files) expect(await blobs.bytesOf(part.digest)).toBe(part.bytes);
    expect((await stores.models.log('apples'))[0]).toMatchObject({ action: 'imported 1', actor: 'ada' });
  });
});
