import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom, systemClock } from '@pomona/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exploreDataset } from '../../domain/explore-dataset.ts';
import { viewRows } from '../../domain/feature-rows.ts';
import { viewSet } from '../../domain/feature-set.ts';
import { importViews, type LabelledView } from '../../use-cases/import-dataset-views.ts';
import { readDatasetFeatures } from './dataset-features.ts';
import { DatasetFolderStore, readDataset } from './dataset-folder.ts';
import { reportDataset } from './dataset-report.ts';

const size = 16;
const random = seededRandom(1, 'report');
let data: string;
let folder: string;

function crop(red: number): Uint8Array {
  return new Uint8Array(size * size * 3).map(
    (_, i) => (i % 3 === 0 ? red : 60) + Math.floor(random.next() * 20),
  );
}

/** Red fruit is bad; one bad fruit is green, and one good picture is in it twice. */
function* fruit(): Generator<LabelledView> {
  const twice = crop(80);
  for (let i = 0; i < 60; i++) {
    const grade = i % 2 ? 'good' : 'bad';
    const odd = i === 4 ? 10 : i === 5 || i === 7 ? 80 : undefined;
    const pixels = i === 5 || i === 7 ? twice : crop(odd ?? (grade === 'bad' ? 200 : 80));
    yield { crop: pixels, grade, group: `<fruit ${i}>` };
  }
}

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'report-'));
  const ports = { store: new DatasetFolderStore(data), clock: systemClock };
  const request = { name: 'drawn', source: 'test', labels: ['good', 'bad'], inputSize: size, seed: 1 };
  folder = (await importViews(ports, request, fruit())).folder;
});
afterAll(() => rm(data, { recursive: true }));

it('finds the feature that tells the grades apart, the odd image and the double one', async () => {
  const { file, crops } = await readDataset(folder);
  const features = viewSet.columns.length;
  const rows = viewRows(crops, size);
  const found = exploreDataset({ images: file.images, crops, size, rows, features });
  expect(found.importance.accuracy).toBeGreaterThan(0.9);
  expect(file.images[found.outliers[0]!.image]!.group).toBe('<fruit 4>');
  const pairs = found.duplicates.filter(({ difference }) => difference === 0);
  expect(pairs.map(({ a, b }) => [file.images[a]!.group, file.images[b]!.group])).toEqual([
    ['<fruit 5>', '<fruit 7>'],
  ]);
  const red = viewSet.columns.findIndex(({ name }) => name === 'red');
  expect(found.correlation[red]![red]).toBeCloseTo(1);
  const clipped = viewSet.columns.findIndex(({ name }) => name === 'clipped');
  expect(found.importance.features[clipped]).toEqual({ mean: 0, low: 0, high: 0, isIdle: true });
});

it('keeps the features that it computed, and takes them again', async () => {
  const { rows, file } = await readDatasetFeatures(folder);
  expect(rows).toHaveLength(60 * viewSet.columns.length);
  const pixels = join(folder, 'crops.u8');
  await rename(pixels, `${pixels}.away`);
  expect(await readDatasetFeatures(folder)).toEqual({ rows, file });
  await rename(`${pixels}.away`, pixels);
});

it('makes one page that needs nothing from elsewhere and runs nothing', async () => {
  const html = await reportDataset(folder);
  expect(html).not.toMatch(/<script|https?:|<fruit/);
  for (const part of [
    'Balance',
    'Features by grade',
    'Feature importance',
    'Outliers',
    'Near duplicates',
    'Correlation',
    'Contact sheets',
  ])
    expect(html).toContain(`<h2>${part}`);
  expect(html).toMatch(/<th>clipped<\/th>.*candidate to drop/);
});
