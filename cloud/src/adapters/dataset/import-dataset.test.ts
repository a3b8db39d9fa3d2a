import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestOf } from '@pomona/release';
import type { AppError, DatasetView } from '@pomona/wire';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drawPhotograph } from '../../testing/draw-photograph.ts';
import { drawSpottedPhotograph } from '../../testing/draw-spotted-photograph.ts';
import { ManualClock } from '../../testing/manual-clock.ts';
import { acceptQuarantined } from '../../use-cases/accept-quarantined.ts';
import type { CropWanted, Inspection } from '../../use-cases/dataset-ports.ts';
import { type ImportDatasetRequest, importDataset } from '../../use-cases/import-dataset.ts';
import { acceptances } from '../../use-cases/import-photographs.ts';
import { BlobFolder } from '../blob-folder.ts';
import { BlobPhotographs } from './blob-photographs.ts';
import { DatasetFolderStore, readDataset } from './dataset-folder.ts';
import { inspectPhotograph } from './inspect-photograph.ts';
import { PhotographFolder } from './photograph-folder.ts';

const workerFile = new URL('../../../dist/photograph-worker.js', import.meta.url);
const skins = { good: '#b02a30', bad: '#5a4020', ok: '#a08030' } as const;

let folder: string;
let photos: string;
let data: string;
const clock = new ManualClock();
const given = { labels: ['good', 'ok', 'bad'], by: 'anna', limits: { settings: 3, limits: {} } };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dataset-'));
  photos = join(folder, 'photos');
  data = join(folder, 'data');
  await mkdir(photos);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Of bytes and a size. To start threads, and to search in pictures for fruit that was found before, takes most of an import. */
const inspected = new Map<string, Promise<Inspection>>();

async function* inspectHere(
  paths: readonly string[],
  wanted: CropWanted,
  signal: AbortSignal,
): AsyncGenerator<Inspection> {
  for (const path of paths) {
    signal.throwIfAborted();
    const key = `${digestOf(await readFile(path))} ${JSON.stringify(wanted)}`;
    const inspection = inspected.get(key) ?? inspectPhotograph(path, wanted);
    inspected.set(key, inspection);
    yield await inspection;
  }
}

class FolderHere extends PhotographFolder {
  override inspect(folder: string, paths: readonly string[], wanted: CropWanted, signal: AbortSignal) {
    return inspectHere(
      paths.map((path) => join(folder, path)),
      wanted,
      signal,
    );
  }
}

class BlobsHere extends BlobPhotographs {
  override inspect(_folder: string, paths: readonly string[], wanted: CropWanted, signal: AbortSignal) {
    return inspectHere(
      paths.map((path) => join(data, 'blobs', path)),
      wanted,
      signal,
    );
  }
}

interface Where {
  readonly dataFolder?: string;
  /** So many, as in the program; without them here. */
  readonly threads?: number;
}

function run(change: Partial<ImportDatasetRequest> = {}, { dataFolder = data, threads = 0 }: Where = {}) {
  const Folder = threads > 0 ? PhotographFolder : FolderHere;
  const photographs = new Folder(new BlobFolder(dataFolder), { threads, workerFile });
  const store = new DatasetFolderStore(dataFolder);
  return importDataset(
    { photographs, store, clock },
    { ...given, folder: photos, name: 'apples', inputSize: 32, seed: 1, ...change },
  );
}

/** Takes them into the version that is stored there. */
function acceptInto(
  view: DatasetView,
  stored: string,
  paths: readonly string[],
  { newest = view, inThreads = false }: { newest?: DatasetView; inThreads?: boolean } = {},
): Promise<DatasetView> {
  const Blobs = inThreads ? BlobPhotographs : BlobsHere;
  const ports = {
    ...{ store: new DatasetFolderStore(data), clock, read: () => readDataset(stored) },
    datasets: { save: async () => {}, find: async () => newest },
    waiting: { take: async () => {} },
    photographs: new Blobs(join(data, 'blobs'), [], { threads: 1, workerFile }),
  };
  return acceptQuarantined(ports, view, { paths, why: 'dusk, but sharp', by: 'anna', source: 'console' });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return `${(error as AppError).code}: ${(error as Error).message}`;
  }
  return 'accepted';
}

const drawn = new Map<string, Promise<Buffer>>();

/** The same one of a seed and a skin is drawn once. */
async function writePhotograph(path: string, seed: number, skin: string = skins.good): Promise<void> {
  const bytes = drawn.get(`${seed} ${skin}`) ?? drawPhotograph(seed, skin).jpeg().toBuffer();
  drawn.set(`${seed} ${skin}`, bytes);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, await bytes);
}

/** `count` photographs per grade, in sub-folders. */
async function fill(count: number, grades: readonly (keyof typeof skins)[] = ['good', 'bad']): Promise<void> {
  for (const [g, grade] of grades.entries())
    for (let i = 0; i < count; i++)
      await writePhotograph(join(photos, grade, `${i}.jpg`), 100 * g + i, skins[grade]);
}

async function writeIndex(rows: readonly string[]): Promise<void> {
  await writeFile(join(photos, 'index.csv'), ['path,grade,session', ...rows].join('\n'));
}

const reasons = (view: { quarantined: { path: string; reason: string }[] }) =>
  Object.fromEntries(view.quarantined.map(({ path, reason }) => [path, reason]));

describe('importing a folder of photographs', () => {
  it('freezes crops by grade, keeps the originals, and says that no session is known', async () => {
    await fill(4);
    const { view, folder: stored, notes, reused } = await run({}, { threads: 2 });
    expect(view).toMatchObject({
      name: 'apples',
      labels: ['good', 'bad'],
      images: 8,
      groups: 8,
      viewsPerFruit: 1,
    });
    expect(view.byGrade).toEqual([
      { grade: 'good', count: 4 },
      { grade: 'bad', count: 4 },
    ]);
    expect(notes).toEqual([
      expect.stringContaining('no image of ok'),
      expect.stringContaining('each photograph is a group of its own'),
    ]);
    expect(reused).toBe(false);
    const { file, crops } = await readDataset(stored);
    expect(crops.byteLength).toBe(8 * 32 * 32 * 3);
    expect(file.images.map(({ source }) => source)).toEqual(
      [...file.images.map(({ source }) => source)].sort(),
    );
    for (const { original, source } of file.images) {
      const blob = await readFile(join(data, 'blobs', original!));
      expect(blob.equals(await readFile(join(photos, source)))).toBe(true);
    }
    const middle = (i: number) => crops.subarray((i * 32 * 32 + 16 * 32 + 16) * 3).subarray(0, 3);
    const [bad, good] = [
      file.images.findIndex(({ grade }) => grade === 'bad'),
      file.images.findIndex(({ grade }) => grade === 'good'),
    ];
    expect(middle(good)[0]! - middle(good)[1]!).toBeGreaterThan(middle(bad)[0]! - middle(bad)[1]! + 30);
  });

  it('takes groups and grades from an index, and counts the grades that were not asked for', async () => {
    await fill(6);
    await writePhotograph(join(photos, 'good', 'spare.jpg'), 50);
    await writeIndex([
      ...[0, 1, 2, 3, 4, 5].map((i) => `good/${i}.jpg,Good,s${i % 3}`),
      ...[0, 1, 2, 3, 4, 5].map((i) => `bad/${i}.jpg,bad,t${i % 3}`),
      'good/spare.jpg,Not an Apple!,s0',
    ]);
    const { view, folder: stored, notes } = await run({ labels: ['good', 'bad'] });
    expect(view).toMatchObject({ images: 12, groups: 6, leftOut: [{ grade: 'not-an-apple', count: 1 }] });
    expect(notes).toEqual([]);
    const { file } = await readDataset(stored);
    const places = new Map<string, Set<string>>();
    for (const { group, split } of file.images)
      places.set(group, (places.get(group) ?? new Set()).add(split));
    expect([...places.values()].every((split) => split.size === 1)).toBe(true);
    expect(view.bySplit.map(({ groups }) => groups)).toEqual([2, 2, 2]);
  });

  it('says how many photographs lie there that nobody named', async () => {
    await fill(2);
    await writePhotograph(join(photos, 'loose.jpg'), 9);
    await writeFile(join(photos, 'notes.txt'), 'no photograph');
    const said = (count: string) => expect.arrayContaining([expect.stringContaining(`not taken: ${count}`)]);
    expect((await run()).notes).toEqual(said('1 photograph in'));
    await writeIndex(['good/0.jpg,good,a', 'bad/0.jpg,bad,b']);
    expect((await run()).notes).toEqual(said('3 photographs in'));
    // One character in the index, two on the disk, as on a Mac.
    await writePhotograph(join(photos, 'good', 'a\u0308.jpg'), 7);
    await writeIndex(['good/0.jpg,good,a', 'good/\u00e4.jpg,good,c', 'bad/0.jpg,bad,b']);
    expect(await run()).toMatchObject({
      view: { images: 3, quarantined: [] },
      notes: said('3 photographs in'),
    });
    await rm(join(photos, 'good', 'a\u0308.jpg'));
    await writeIndex(['good/0.jpg,good,a']);
    expect(await codeOf(run())).toMatch(/^dataset-one-class: .*not taken: 4 photographs/);
  });

  it('quarantines what cannot be used, says why, and goes on', async () => {
    await fill(3);
    await writeFile(join(photos, 'good', 'empty.jpg'), '');
    await writeFile(join(photos, 'good', 'text.jpg'), 'not a picture');
    const whole = await readFile(join(photos, 'good', '0.jpg'));
    await writeFile(join(photos, 'bad', 'cut.jpg'), whole.subarray(0, whole.length / 2));
    await symlink(join(photos, 'nowhere'), join(photos, 'bad', 'dangling.jpg'));
    await writeFile(join(photos, 'good', '.hidden'), 'ignored');
    await writeFile(join(photos, 'readme.txt'), 'ignored');
    const { view } = await run();
    expect(view.images).toBe(6);
    expect(reasons(view)).toEqual({
      'bad/cut.jpg': 'it is cut off: the file ends before the picture does',
      'bad/dangling.jpg': 'there is no such file',
      'good/empty.jpg': 'the file is empty',
      'good/text.jpg': expect.stringContaining('not a JPEG'),
    });
  });

  it('counts the same photograph once, and believes neither of two grades for it', async () => {
    await fill(3);
    await copyFile(join(photos, 'good', '1.jpg'), join(photos, 'good', 'again.jpg'));
    await copyFile(join(photos, 'good', '2.jpg'), join(photos, 'bad', 'rival.jpg'));
    const { view, folder: stored } = await run();
    expect(view.images).toBe(5);
    expect(reasons(view)).toEqual({
      'good/again.jpg': 'the same photograph as good/1.jpg, which counts once',
      'good/2.jpg': 'the same photograph is good here and bad as bad/rival.jpg',
      'bad/rival.jpg': 'the same photograph is bad here and good as good/2.jpg',
    });
    const both = acceptInto(view, stored, ['good/2.jpg', 'bad/rival.jpg']);
    expect(await codeOf(both)).toMatch(
      /^not-acceptable: bad\/rival\.jpg is the same photograph as good\/2\.jpg/,
    );
  });

  it('quarantines what is beyond a limit with its figure, keeps it, and takes it when somebody accepts it', async () => {
    await fill(3);
    const dark = await drawPhotograph(9).linear(0.12, 0).png().toBuffer();
    await writeFile(join(photos, 'good', 'dark.png'), dark);
    await writeFile(join(photos, 'good', 'text.jpg'), 'not a picture');
    const limits = { minScore: 0 };
    const { view, folder: stored } = await run({ limits: { settings: 3, limits } });
    expect(view.images).toBe(6);
    expect(view.verified).toMatchObject({ settings: 3, limits: { minScore: 0, minLuma: 20 } });
    const [refused] = view.quarantined;
    expect(refused).toMatchObject({
      ...{ path: 'good/dark.png', figure: 'luma', limit: 20, grade: 'good', group: 'good/dark.png' },
      ...{
        original: digestOf(dark),
        reason: expect.stringMatching(/too dark: its mean luma is .*, less than 20/),
      },
    });
    expect((await readFile(join(data, 'blobs', digestOf(dark)))).equals(dark)).toBe(true);
    expect(await readdir(join(data, 'blobs'))).toHaveLength(7);
    const before = await readDataset(stored);
    const accept = (path: string) => acceptInto(view, stored, [path], { inThreads: true });
    expect(await codeOf(accept('good/text.jpg'))).toMatch(/^not-acceptable: .*it is not a JPEG/);
    expect(await codeOf(accept('good/0.jpg'))).toMatch(/^not-quarantined: good\/0\.jpg is not in/);
    const accepted = await accept('good/dark.png');
    const by = { by: 'anna', at: new Date(clock.ms).toISOString(), why: 'dusk, but sharp' };
    expect(accepted.accepted).toEqual([{ path: 'good/dark.png', ...by, reason: refused!.reason }]);
    expect(accepted.quarantined.map(({ path }) => path)).toEqual(['good/text.jpg']);
    const after = await readDataset(join(data, 'datasets', 'apples', accepted.digest));
    expect(after.file.images.slice(0, 6)).toEqual(before.file.images);
    expect(after.crops.subarray(0, before.crops.length).equals(before.crops)).toBe(true);
    // A version of the older one would be without it.
    expect(await codeOf(acceptInto(view, stored, ['good/text.jpg'], { newest: accepted }))).toBe(
      `dataset-superseded: apples@${view.digest.slice(0, 12)} is not the newest version, apples@${accepted.digest.slice(0, 12)} is`,
    );
    // What was accepted once is taken by the next import as well.
    const kept = await acceptances(
      { datasets: { find: async () => accepted }, readFile: async () => after.file },
      'apples',
    );
    const again = await run({ limits: { settings: 3, limits }, accepted: kept });
    expect(again.view).toMatchObject({
      images: 7,
      accepted: [{ path: 'good/dark.png', why: 'dusk, but sharp' }],
    });
  });

  it('keeps of an accepted photograph what the index says of it, as if it had never been refused', async () => {
    await fill(3);
    await drawPhotograph(9)
      .linear(0.12, 0)
      .withExif({ IFD2: { DateTimeOriginal: '2020:01:01 00:00:00' } })
      .jpeg()
      .toFile(join(photos, 'good', 'dark.jpg'));
    await writeFile(
      join(photos, 'index.csv'),
      [
        'path,grade,session,variety,block,lot,captured_at,labelled_by,labelled_at',
        ...[0, 1, 2].map((i) => `good/${i}.jpg,good,s${i},,,,,,`),
        ...[0, 1, 2].map((i) => `bad/${i}.jpg,bad,t${i},,,,,,`),
        'good/dark.jpg,good,s0,Elstar,B 12,L7,2026-10-03T14:05:00Z,ben,2026-10-05',
      ].join('\n'),
    );
    const said = {
      about: { variety: 'Elstar', block: 'B 12', lot: 'L7', capturedAt: '2026-10-03T14:05:00.000Z' },
      labelled: { by: 'ben', at: '2026-10-05T00:00:00.000Z' },
    };
    const { view, folder: stored } = await run({ limits: { settings: 3, limits: { minScore: 0 } } });
    expect(view.quarantined).toMatchObject([{ path: 'good/dark.jpg', figure: 'luma', ...said }]);
    const { digest } = await acceptInto(view, stored, ['good/dark.jpg']);
    const { file } = await readDataset(join(data, 'datasets', 'apples', digest));
    expect(file.images.at(-1)).toMatchObject({ source: 'good/dark.jpg', group: 's0', ...said });
    expect(file.images.at(-1)?.about).toEqual(said.about);
  });

  it('believes neither of two near duplicates of two grades, and splits those of one grade as one', async () => {
    const write = async (path: string, seed: number, place = seed) => {
      await mkdir(join(photos, dirname(path)), { recursive: true });
      const picture = drawSpottedPhotograph(seed, {
        place,
        ...(path.startsWith('bad') ? { skin: '#6b4a2a' } : {}),
      });
      await picture.jpeg({ quality: 80 }).toFile(join(photos, path));
    };
    for (let i = 0; i < 4; i++) {
      await write(`good/${i}.jpg`, i);
      await write(`bad/${i}.jpg`, 50 + i);
    }
    await write('good/again.jpg', 2, 90);
    await sharp(await readFile(join(photos, 'good/3.jpg')))
      .resize(150)
      .jpeg()
      .toFile(join(photos, 'bad/small.jpg'));
    const { view, folder: stored } = await run({ inputSize: 48 });
    expect(reasons(view)).toEqual({
      'good/3.jpg': expect.stringMatching(
        /it is good, and bad\/small\.jpg, which shows all but the same, is bad/,
      ),
      'bad/small.jpg': expect.stringMatching(/it is bad, and good\/3\.jpg/),
    });
    const { file, crops } = await readDataset(stored);
    expect(file.images).toHaveLength(8);
    expect(crops.length).toBe(8 * 48 * 48 * 3);
    const splitOf = new Map(file.images.map(({ source, split }) => [source, split]));
    expect(splitOf.get('good/again.jpg')).toBe(splitOf.get('good/2.jpg'));
    expect(file.notes).toContainEqual(
      expect.stringMatching(/near duplicates .*: good\/2\.jpg \+ good\/again\.jpg/),
    );
  });

  it('keeps of each photograph where it comes from, and who labelled it when', async () => {
    await fill(3);
    const dated = drawPhotograph(1).withExif({ IFD2: { DateTimeOriginal: '2026:10:03 14:05:00' } });
    await dated.jpeg().toFile(join(photos, 'good', '0.jpg'));
    await writeFile(
      join(photos, 'index.csv'),
      [
        'path,grade,session,Variety,orchard_block,lot,station,source,captured_at,labelled_by,labelled_at',
        'good/0.jpg,good,s0,Elstar,B 12,L7,north,line camera,,ben,2026-10-05',
        'good/1.jpg,good,s1,,,,,,2026-10-03T16:00:00+02:00,,',
        ...[0, 1, 2].map((i) => `bad/${i}.jpg,bad,t${i},,,,,,,,`),
      ].join('\n'),
    );
    const { file } = await readDataset((await run()).folder);
    const of = (path: string) => file.images.find(({ source }) => source === path);
    expect(of('good/0.jpg')).toMatchObject({
      about: {
        ...{ variety: 'Elstar', block: 'B 12', lot: 'L7', station: 'north', source: 'line camera' },
        capturedAt: '2026-10-03T14:05:00.000Z',
      },
      labelled: { by: 'ben', at: '2026-10-05T00:00:00.000Z' },
    });
    expect(of('good/1.jpg')?.about).toEqual({ capturedAt: '2026-10-03T14:00:00.000Z' });
    expect(of('bad/1.jpg')).toMatchObject({ labelled: { by: 'anna' } });
    expect(of('bad/1.jpg')?.about).toBeUndefined();
  });

  it('finds the version that is there when the content is the same, and repairs it when it was damaged', async () => {
    await fill(2);
    const first = await run();
    clock.ms += 1000;
    const again = await run();
    expect(again).toEqual({ ...first, reused: true });
    await writePhotograph(join(photos, 'unripe', '0.jpg'), 1);
    await copyFile(join(photos, 'good', '1.jpg'), join(photos, 'good', 'again.jpg'));
    const refused = await run({ limits: { settings: 4, limits: {} } });
    expect(refused).toMatchObject({
      ...{ reused: true, folder: first.folder },
      view: { createdAt: first.view.createdAt, verified: { settings: 4 } },
    });
    expect(refused.view.leftOut).toEqual([{ grade: 'unripe', count: 1 }]);
    expect(reasons(refused.view)).toEqual({
      'good/again.jpg': 'the same photograph as good/1.jpg, which counts once',
    });
    expect((await readDataset(first.folder)).file).toMatchObject({
      ...{ quarantined: refused.view.quarantined, leftOut: refused.view.leftOut },
      verified: refused.view.verified,
    });
    expect((await readdir(first.folder)).sort()).toEqual(['crops.u8', 'dataset.json']);
    const other = await run({ seed: 2, labels: ['bad', 'good'] });
    expect(other.view.digest).not.toBe(first.view.digest);
    const crops = join(first.folder, 'crops.u8');
    const bytes = await readFile(crops);
    bytes[100] = bytes[100]! ^ 1;
    await writeFile(crops, bytes);
    expect(await codeOf(readDataset(first.folder))).toMatch(/^dataset-damaged: image 0 .*crops\.u8/);
    expect((await run()).reused).toBe(false);
    expect(await codeOf(readDataset(first.folder))).toBe('accepted');
  });

  it('reports progress, and stops when it is told to, leaving nothing behind', async () => {
    await fill(6);
    const stop = new AbortController();
    const seen: number[] = [];
    const onProgress = ({ done, total }: { done: number; total: number }) => {
      seen.push(done);
      expect(total).toBe(12);
      if (done === 3) stop.abort();
    };
    const work = run({ signal: stop.signal, onProgress }, { threads: 1 });
    await expect(work).rejects.toMatchObject({ name: 'AbortError' });
    expect(seen).toEqual([1, 2, 3]);
    expect(await readdir(join(data, 'datasets', 'apples'))).toEqual([]);
    expect(existsSync(join(data, 'blobs'))).toBe(false);
    const late = run({ signal: AbortSignal.abort() }, { threads: 1 });
    await expect(late).rejects.toMatchObject({ name: 'AbortError' });
    expect((await run()).view.images).toBe(12);
  });

  it('clears away what a killed import left, and not what another one is writing', async () => {
    await fill(2);
    const apples = join(data, 'datasets', 'apples');
    const dead = Number(execFileSync(process.execPath, ['-p', 'process.pid']).toString());
    await mkdir(join(apples, `.partial-${dead}-abc`), { recursive: true });
    await mkdir(join(apples, `.partial-${process.pid}-abc`));
    const { view } = await run();
    expect((await readdir(apples)).sort()).toEqual([`.partial-${process.pid}-abc`, view.digest]);
  });

  it('ends with one clear error when a photograph kills its thread', async () => {
    await fill(2);
    const dying = join(folder, 'dying.mjs');
    await writeFile(
      dying,
      `import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => { throw new Error('boom'); });`,
    );
    const photographs = new PhotographFolder(new BlobFolder(data), {
      threads: 1,
      workerFile: new URL(`file://${dying}`),
    });
    const request = { ...given, folder: photos, name: 'apples', inputSize: 32, seed: 1 };
    const work = importDataset({ photographs, store: new DatasetFolderStore(data), clock }, request);
    expect(await codeOf(work)).toMatch(/^photograph-inspection-crashed: .*bad\/0\.jpg: boom$/);
    expect(await readdir(join(data, 'datasets', 'apples'))).toEqual([]);
  });

  it('says what is wrong with the folder', async () => {
    expect(await codeOf(run({ folder: join(folder, 'absent') }))).toMatch(
      /^dataset-folder-missing: there is no folder/,
    );
    expect(await codeOf(run({ folder: fileURLToPath(import.meta.url) }))).toMatch(
      /^dataset-folder-missing: .* is a file/,
    );
    expect(await codeOf(run())).toMatch(/^dataset-empty: no image can be used; asked for good, ok, bad$/);
    await mkdir(join(photos, 'good'));
    await writeFile(join(photos, 'good', 'a.jpg'), 'text');
    expect(await codeOf(run())).toMatch(
      /^dataset-empty: .*1 were quarantined \(good\/a\.jpg: it is not a JPEG/,
    );
    await writePhotograph(join(photos, 'good', 'b.jpg'), 1);
    await writePhotograph(join(photos, 'unripe', 'c.jpg'), 2);
    expect(await codeOf(run())).toMatch(
      /^dataset-one-class: every image \(1\) is of the grade good; .*left out: 1 of unripe$/,
    );
    await expect(run()).rejects.toMatchObject({
      hint: expect.stringContaining('name good,unripe: ask for those'),
    });
    await writeIndex(['good/b.jpg,good']);
    expect(await codeOf(run())).toMatch(/^dataset-index-invalid: .*index\.csv:2/);
  });

  it('changes nothing when the disk is full, and says so', async (context) => {
    await fill(3);
    const small = join(folder, 'small');
    await mkdir(small);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small], { stdio: 'pipe' });
    } catch (error) {
      if (process.env.POMONA_REQUIRE_ALL === '1') throw error;
      context.skip(`no right to mount a small disk: ${(error as Error).message.split('\n')[0]}`);
    }
    try {
      expect(await codeOf(run({ inputSize: 96 }, { dataFolder: small }))).toMatch(
        /^dataset-not-written: .*ENOSPC/,
      );
      expect(await readdir(join(small, 'datasets', 'apples'))).toEqual([]);
      expect((await run({ inputSize: 16 }, { dataFolder: small })).view.images).toBe(6);
      for (const blob of await readdir(join(small, 'blobs')))
        expect(digestOf(await readFile(join(small, 'blobs', blob)))).toBe(blob);
    } finally {
      execFileSync('umount', ['-l', small]);
    }
  });
});

const real = fileURLToPath(new URL('../../../../../shared/data/apples-phone', import.meta.url));
if (!existsSync(real)) console.warn(`SKIPPED: no photographs at ${real}`);

describe.skipIf(!existsSync(real))('real phone photographs', () => {
  it('are cut out but for a few, and no session is in two splits', async () => {
    await mkdir(join(photos, 'all'));
    await symlink(real, join(photos, 'all', 'phone'));
    const rows = (await readFile(join(real, 'index.csv'), 'utf8')).trim().split('\n').slice(1);
    // Every thirtieth: the whole folder takes a minute.
    const some = rows.filter((row, i) => i % 30 === 0 && !/,(several|not-apple),/.test(row));
    await writeIndex(some.map((row) => `all/phone/${row}`));
    const { view, folder: stored } = await run({ inputSize: 64 });
    expect(view.quarantined.length / some.length).toBeLessThan(0.04);
    const { file, crops } = await readDataset(stored);
    const places = new Map<string, Set<string>>();
    for (const { group, split } of file.images)
      places.set(group, (places.get(group) ?? new Set()).add(split));
    expect([...places.values()].every((split) => split.size === 1)).toBe(true);
    const shares = file.images.map((_, i) =>
      litShare(crops.subarray(i * 64 * 64 * 3, (i + 1) * 64 * 64 * 3)),
    );
    // A circle of 0.92 of the side covers two thirds of the crop.
    expect(shares.every((share) => share > 0.4 && share < 0.75)).toBe(true);
  }, 120_000);
});

function litShare(crop: Uint8Array): number {
  let lit = 0;
  for (let i = 0; i < crop.length; i += 3) if (crop[i]! + crop[i + 1]! + crop[i + 2]! > 0) lit++;
  return lit / (crop.length / 3);
}
