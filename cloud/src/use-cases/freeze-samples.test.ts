import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SampleView } from '@pomona/wire';
import { expect, it } from 'vitest';
import { DatasetFolderStore, datasetFolderOf, readDataset } from '../adapters/dataset/dataset-folder.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { freezeSamples } from './freeze-samples.ts';
import { importViews } from './import-dataset-views.ts';

const size = 8;
const grades = ['good', 'bad'];

function sample(seq: number, change: Partial<SampleView> = {}): SampleView {
  return {
    ...{ id: seq, site: 'farm', line: 'one', station: 'left', size, views: 1, reason: 'uncertain' },
    ...{ fruit: { boot: '00', seq }, label: grades[seq % 2], review: 'none', labelledBy: 'ann' },
    labelledAt: '2026-11-24T10:00:00.000Z',
    ...change,
  } as Partial<SampleView> as SampleView;
}

it('freezes who labelled and when, the later of two labels, and nothing that two people differ on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pomona-freeze-'));
  const clock = new ManualClock();
  const store = new DatasetFolderStore(folder);
  const crop = (value: number) => new Uint8Array(size ** 2 * 3).fill(value);
  const drawn = Array.from({ length: 12 }, (_, k) => ({
    crop: crop(k),
    grade: grades[k % 2]!,
    group: `drawn-${k}`,
  }));
  const { view: base } = await importViews(
    { store, clock },
    { name: 'drawn', source: 'test', labels: grades, inputSize: size, seed: 1 },
    drawn,
  );
  const readBase = async ({ name, digest }: { readonly name: string; readonly digest: string }) => ({
    ...(await readDataset(datasetFolderOf(folder, name, digest))),
    maps: undefined,
  });
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
    const frozen = await freezeSamples(
      { store, clock, readBase, readPixels: async ({ id }) => crop(100 + id) },
      base,
      order,
      1,
    );
    const { file } = await readDataset(datasetFolderOf(folder, frozen.name, frozen.digest));
    const added = file.images.slice(12).map(({ group, grade, labelled }) => [group, grade, labelled?.by]);
    expect(added.map(([group]) => group)).toEqual(
      Array.from({ length: 10 }, (_, k) => `sample/left/00/${k}`),
    );
    expect(added[1]).toEqual(['sample/left/00/1', 'bad', 'ann']);
    expect(added[2]).toEqual(['sample/left/00/2', 'bad', 'ben']);
    expect(file.images.at(-1)?.labelled?.at).toBe('2026-11-24T10:00:00.000Z');
  }
  rmSync(folder, { recursive: true });
});
