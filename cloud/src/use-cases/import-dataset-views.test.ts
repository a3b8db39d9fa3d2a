import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppError } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatasetFolderStore, readDataset } from '../adapters/dataset/dataset-folder.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { importViews, type LabelledView } from './import-dataset-views.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'views-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

const request = { name: 'orchard', source: 'drawn', labels: ['good', 'bad'], inputSize: 8, seed: 3 };

function* views(fruits: number, perFruit = 4): Generator<LabelledView> {
  for (let fruit = 0; fruit < fruits; fruit++) {
    for (let view = 0; view < perFruit; view++) {
      const grade = fruit % 3 === 0 ? 'bad' : 'good';
      const viewGrade = view === 0 ? 'good' : grade;
      yield { crop: new Uint8Array(192).fill(fruit * 7 + view), grade, group: `fruit-${fruit}`, viewGrade };
    }
  }
}

const run = (source: Iterable<LabelledView> | AsyncIterable<LabelledView>, change = {}) =>
  importViews(
    { store: new DatasetFolderStore(data), clock: new ManualClock() },
    { ...request, ...change },
    source,
  );

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    return (error as AppError).code ?? String(error);
  }
  return 'accepted';
}

describe('importing views of fruit', () => {
  it('freezes them in their order, with the views of a fruit in one split', async () => {
    const { view, folder } = await run(views(30));
    expect(view).toMatchObject({ images: 120, groups: 30, viewsPerFruit: 4, quarantined: [], leftOut: [] });
    const { file, crops } = await readDataset(folder);
    expect(file.images[5]).toMatchObject({ group: 'fruit-1', grade: 'good', source: 'drawn' });
    expect(file.images[4 * 3]).toMatchObject({ grade: 'bad', viewGrade: 'good' });
    expect(crops[5 * 192]).toBe(1 * 7 + 1);
    for (let i = 0; i < 120; i++) expect(file.images[i]!.split).toBe(file.images[i - (i % 4)]!.split);
  });

  it('names the same content the same, and other content otherwise', async () => {
    const first = await run(views(9));
    expect((await run(views(9))).reused).toBe(true);
    expect((await run(views(9), { seed: 4 })).view.digest).not.toBe(first.view.digest);
    expect((await run(views(12))).view.digest).not.toBe(first.view.digest);
  });

  it('does not call views a fruit when groups differ in size', async () => {
    const uneven = [...views(6)].slice(1);
    expect((await run(uneven)).view.viewsPerFruit).toBe(1);
  });

  it('refuses a crop of another size, an unknown grade and a single class, and leaves nothing behind', async () => {
    const [first] = [...views(1)] as [LabelledView];
    expect(await codeOf(run([{ ...first, crop: new Uint8Array(191) }]))).toBe('dataset-views-invalid');
    expect(await codeOf(run([{ ...first, grade: 'ripe' }]))).toBe('dataset-views-invalid');
    expect(await codeOf(run([{ ...first, viewGrade: 'ripe' }]))).toBe('dataset-views-invalid');
    expect(await codeOf(run(views(1)))).toBe('dataset-one-class');
    expect(await codeOf(run([]))).toBe('dataset-empty');
    expect(await readdir(join(data, 'datasets', 'orchard'))).toEqual([]);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const onProgress = (done: number) => done === 10 && stop.abort();
    await expect(run(views(9), { signal: stop.signal, onProgress })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(await readdir(join(data, 'datasets', 'orchard'))).toEqual([]);
  });
});
