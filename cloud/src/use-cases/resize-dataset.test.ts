import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatasetView } from '@pomona/wire';
import { afterAll, expect, it } from 'vitest';
import {
  DatasetFolderStore,
  datasetFolderOf,
  readDataset,
  readDefectMaps,
} from '../adapters/dataset/dataset-folder.ts';
import { freezingPorts } from '../adapters/dataset/freezing-ports.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { importViews } from './import-dataset-views.ts';
import { resizeDataset } from './resize-dataset.ts';

const folder = mkdtempSync(join(tmpdir(), 'pomona-resize-'));
afterAll(() => rmSync(folder, { recursive: true }));
const clock = new ManualClock();
const saved: DatasetView[] = [];
const ports = {
  ...freezingPorts(folder, clock),
  datasets: { save: async (view: DatasetView) => void saved.push(view) },
};
const size = 16;
const cells = 4;

async function drawn(): Promise<DatasetView> {
  const views = Array.from({ length: 12 }, (_, k) => ({
    crop: new Uint8Array(size ** 2 * 3).fill(k * 10),
    defects: new Uint8Array(cells ** 2 * 2).fill(k),
    grade: k % 2 === 0 ? 'good' : 'bad',
    group: `drawn-${k}`,
  }));
  const request = { name: 'drawn', source: 'test', labels: ['good', 'bad'], inputSize: size, seed: 1 };
  const store = new DatasetFolderStore(folder);
  return (await importViews({ store, clock }, { ...request, defectCells: cells }, views)).view;
}

it('makes a dataset of smaller images with the same labels and splits, and their maps', async () => {
  const base = await drawn();
  const view = await resizeDataset(ports, base, 8);
  expect(view).toMatchObject({ name: 'drawn-8', inputSize: 8, images: 12, byGrade: base.byGrade });
  expect(saved).toEqual([view]);
  const own = datasetFolderOf(folder, 'drawn-8', view.digest);
  const { file, crops } = await readDataset(own);
  const { file: before } = await readDataset(datasetFolderOf(folder, 'drawn', base.digest));
  const placesOf = ({ images }: typeof file) =>
    images.map(({ group, grade, split }) => [group, grade, split]);
  expect(placesOf(file)).toEqual(placesOf(before));
  expect(crops).toEqual(Buffer.concat(Array.from({ length: 12 }, (_, k) => Buffer.alloc(8 * 8 * 3, k * 10))));
  expect(file.defectCells).toBe(2);
  expect([...(await readDefectMaps(own))]).toEqual(
    Array.from({ length: 12 * 8 }, (_, at) => Math.floor(at / 8)),
  );
  expect((await resizeDataset(ports, base, 8)).digest).toBe(view.digest);
});

it('gives the version itself for its own size, and makes none larger nor with cells in parts', async () => {
  const base = await drawn();
  expect(await resizeDataset(ports, base, size)).toBe(base);
  await expect(resizeDataset(ports, base, 32)).rejects.toMatchObject({
    code: 'dataset-size-unsuited',
    message: 'drawn has images of 16 pixels, which cannot become 32',
  });
  await expect(resizeDataset(ports, base, 10)).rejects.toMatchObject({ code: 'dataset-size-unsuited' });
});
