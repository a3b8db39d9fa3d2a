import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ModelView, type StationSample, seededRandom } from '@pomona/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DatasetFolderStore, datasetFolderOf, readDataset } from '../adapters/dataset/dataset-folder.ts';
import { hammingDistance } from '../domain/difference-hash.ts';
import { defaultImageLimits } from '../domain/image-limits.ts';
import { leftOutValueOf, planLeaveOut } from '../domain/leave-out.ts';
import { correlationOf, lookOf } from '../domain/near-duplicates.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { freezeSamples } from './freeze-samples.ts';
import { importViews } from './import-dataset-views.ts';

const grades = ['good', 'bad'];
const clock = new ManualClock();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-freeze-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function sample(seq: number, change: Partial<StationSample> = {}): StationSample {
  return {
    ...{ id: seq, site: 'farm', line: 'one', station: 'left', size: 8, views: 1, reason: 'uncertain' },
    release: { name: 'apples', version: 1, digest: '0'.repeat(64) },
    ...{ fruit: { boot: '00', seq }, label: grades[seq % 2], review: 'none', labelledBy: 'ann' },
    ...{ at: '2026-11-23T09:00:00.000Z', receivedAt: '2026-11-23T09:05:00.000Z' },
    labelledAt: '2026-11-24T10:00:00.000Z',
    ...change,
  } as Partial<StationSample> as StationSample;
}

function portsOf(readPixels: (sample: StationSample) => Promise<Uint8Array>) {
  const store = new DatasetFolderStore(folder);
  const readBase = async ({ name, digest }: { readonly name: string; readonly digest: string }) => ({
    ...(await readDataset(datasetFolderOf(folder, name, digest))),
    maps: undefined,
  });
  const models = {
    find: async (_name: string, version: number) =>
      version === 2 ? ({ standardise: { contrast: 'equalised' } } as unknown as ModelView) : undefined,
  };
  return { store, clock, readBase, readPixels, models };
}

async function readFile({ name, digest }: { readonly name: string; readonly digest: string }) {
  return (await readDataset(datasetFolderOf(folder, name, digest))).file;
}

it('freezes who labelled and when, the later of two labels, and nothing that two people differ on', async () => {
  const size = 8;
  const crop = (value: number) => new Uint8Array(size ** 2 * 3).fill(value);
  const drawn = Array.from({ length: 12 }, (_, k) => ({
    crop: crop(k),
    grade: grades[k % 2]!,
    group: `drawn-${k}`,
  }));
  const ports = portsOf(async ({ id }) => crop(100 + id));
  const { view: base } = await importViews(
    ports,
    { name: 'drawn', source: 'test', labels: grades, inputSize: size, seed: 1 },
    drawn,
  );
  const later = { label: 'bad', labelledBy: 'ben', labelledAt: '2026-11-25T10:00:00.000Z' };
  const samples = [
    ...Array.from({ length: 10 }, (_, k) => sample(k)),
    sample(20, { review: 'disputed' }),
    sample(21, { review: 'unresolved' }),
    // Another sample of the fruit on which two differ.
    sample(20, { id: 22 }),
    sample(2, { id: 23, ...later }),
    sample(4, { id: 24, review: 'settled' }),
  ];
  for (const order of [samples, samples.toReversed()]) {
    const file = await readFile(await freezeSamples(ports, base, order, 1));
    const added = file.images.slice(12).map(({ group, grade, labelled }) => [group, grade, labelled?.by]);
    expect(added.map(([group]) => group)).toEqual(
      Array.from({ length: 10 }, (_, k) => `sample/left/00/${k}`),
    );
    expect(added[1]).toEqual(['sample/left/00/1', 'bad', 'ann']);
    expect(added[2]).toEqual(['sample/left/00/2', 'bad', 'ben']);
    expect(file.images.at(-1)?.labelled?.at).toBe('2026-11-24T10:00:00.000Z');
  }
});

/** A skin of its own for each `look`; another `shade` is the same fruit in a little other light. */
function skin(look: number, shade = 0): Uint8Array {
  const random = seededRandom(look, 'skin');
  const crop = new Uint8Array(32 * 32 * 3);
  for (let pixel = 0; pixel < 32 * 32; pixel++)
    crop.fill(40 + shade + Math.floor(random.next() * 160), pixel * 3, pixel * 3 + 3);
  return crop;
}

/** Another fruit that shines where `look` does: their detail correlates by 0.85. */
function litAs(look: number): Uint8Array {
  const own = skin(1_000 + look);
  return skin(look).map((value, i) => 0.85 * value + 0.53 * own[i]! - 30);
}

it('puts fruit that is all but the same as an image of the base where that is, whatever the seed', async () => {
  const drawn = Array.from({ length: 12 }, (_, k) => ({
    ...{ crop: skin(k), grade: grades[k % 2]!, group: `drawn-${k}` },
  }));
  // Fruits 0 to 11 look like the base's, 12 to 23 are only lit as they are, and 5 contradicts its twin.
  const ports = portsOf(async ({ id }) => (id < 12 ? skin(id, 3) : litAs(id - 12)));
  const [lit, other] = [lookOf(litAs(0), 32), lookOf(skin(0), 32)];
  expect(correlationOf(lit, other)).toBeGreaterThan(defaultImageLimits.minTwinCorrelation);
  expect(hammingDistance(lit.hash, other.hash)).toBeLessThanOrEqual(defaultImageLimits.maxTwinBits);
  const { view: base } = await importViews(
    ports,
    { name: 'skins', source: 'test', labels: grades, inputSize: 32, seed: 1 },
    drawn,
  );
  const samples = Array.from({ length: 24 }, (_, k) => sample(k, { size: 32 }));
  samples[5] = sample(5, { size: 32, label: 'good' });
  for (const seed of [1, 2, 3]) {
    const file = await readFile(await freezeSamples(ports, base, samples, seed));
    const splitOf = new Map(file.images.map(({ group, split }) => [group, split]));
    for (let k = 0; k < 12; k++)
      expect(splitOf.get(`sample/left/00/${k}`), `fruit ${k}`).toBe(splitOf.get(`drawn-${k}`));
    const own = new Set(Array.from({ length: 12 }, (_, k) => splitOf.get(`sample/left/00/${k + 12}`)));
    expect(own).toEqual(new Set(['train', 'validation', 'test']));
    expect(file.notes.filter((note) => note.includes('all but the same'))).toEqual([
      expect.stringContaining('and 8 more show all but the same as images that were there'),
      'of the labelled fruits, sample/left/00/5 show all but the same as images of another grade: look at both',
    ]);
  }
});

it('keeps where and when a station saw the fruit, so that it can be left out by session and by line', async () => {
  const crop = (value: number) => new Uint8Array(8 * 8 * 3).fill(value);
  const ports = portsOf(async ({ id }) => new Uint8Array([...crop(100 + id), ...crop(150 + id)]));
  // Two views of each fruit: a group is a fruit, and no session.
  const drawn = Array.from({ length: 24 }, (_, k) => ({
    ...{ crop: crop(k), grade: grades[(k >> 1) % 2]!, group: `drawn-${k >> 1}` },
  }));
  const { view: base } = await importViews(
    ports,
    { name: 'twice', source: 'test', labels: grades, inputSize: 8, seed: 1 },
    drawn,
  );
  const samples = Array.from({ length: 24 }, (_, k) =>
    sample(k, {
      views: 2,
      ...(k < 12 ? {} : { station: 'right', line: 'two', at: '2026-11-22T09:00:00.000Z' }),
      // A clock that is a year ahead.
      ...(k === 11 ? { at: '2027-11-23T09:00:00.000Z' } : {}),
    }),
  );
  const file = await readFile(await freezeSamples(ports, base, samples, 1));
  expect(file.viewsPerFruit).toBe(2);
  expect(file.images.find(({ group }) => group === 'sample/right/00/12')!.about).toEqual({
    ...{ source: 'sampled: uncertain', station: 'right', line: 'farm/two' },
    capturedAt: '2026-11-22T09:00:00.000Z',
  });
  for (const [by, wanted] of [
    ['line', ['farm/one', 'farm/two']],
    ['session', ['left 2026-11-23', 'right 2026-11-22']],
  ] as const) {
    // The station stands on another line by now.
    const lines = new Map([['right', 'farm/three']]);
    const values = file.images.map((image) => leftOutValueOf(image, by, file.viewsPerFruit, lines));
    const { folds, unknownImages } = planLeaveOut(file, values, 10);
    expect(folds.map(({ value, images }) => [value, images])).toEqual(wanted.map((value) => [value, 24]));
    expect(unknownImages).toBe(24);
  }
});

it('takes fruit whose colours were made as those of the base are, and says what it left out', async () => {
  const crop = (value: number) => new Uint8Array(8 * 8 * 3).fill(value);
  const ports = portsOf(async ({ id }) => crop(100 + id));
  const drawn = Array.from({ length: 12 }, (_, k) => ({
    ...{ crop: crop(k), grade: grades[k % 2]!, group: `drawn-${k}` },
  }));
  const equalised = { name: 'apples', version: 2, digest: '2'.repeat(64) };
  const samples = Array.from({ length: 21 }, (_, k) => sample(k, k < 9 ? { release: equalised } : {}));
  for (const [standardise, kept, left] of [
    [undefined, 12, 9],
    [{ contrast: 'equalised' }, 9, 12],
  ] as const) {
    const { view: base } = await importViews(
      ports,
      { name: 'colours', source: 'test', labels: grades, inputSize: 8, seed: 1, standardise },
      drawn,
    );
    const file = await readFile(await freezeSamples(ports, base, samples, 1));
    expect(file.images.length).toBe(12 + kept);
    expect(file.standardise).toEqual(standardise);
    expect(file.notes.join()).toContain(`left out: ${left} labelled fruits whose colours are not`);
  }
});
