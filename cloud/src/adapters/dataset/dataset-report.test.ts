import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from '@pomona/schema';
import { DatasetReport, seededRandom, systemClock } from '@pomona/wire';

import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeReport } from '../../domain/describe-report.ts';
import { exploreDataset } from '../../domain/explore-dataset.ts';
import { viewRows } from '../../domain/feature-rows.ts';
import { viewSet } from '../../domain/feature-set.ts';
import { importViews, type LabelledView } from '../../use-cases/import-dataset-views.ts';
import { readDatasetFeatures } from './dataset-features.ts';
import { DatasetFolderStore, readDataset } from './dataset-folder.ts';
import { reportDataset, reportFigures } from './dataset-report.ts';

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
  const pairs = found.duplicates;
  expect(pairs.map(({ a, b }) => [file.images[a]!.group, file.images[b]!.group])).toEqual([
    ['<fruit 5>', '<fruit 7>'],
  ]);
  const red = viewSet.columns.findIndex(({ name }) => name === 'red');
  expect(found.correlation[red]![red]).toBeCloseTo(1);
  const clipped = viewSet.columns.findIndex(({ name }) => name === 'clipped');
  expect(found.importance.features[clipped]).toEqual({ mean: 0, low: 0, high: 0, isIdle: false });
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
    'Features by group',
    'Feature importance',
    'Outliers',
    'Near duplicates',
    'Correlation',
    'Contact sheets',
  ])
    expect(html).toContain(`<h2>${part}`);
  expect(html).toContain('the 12 largest of 60');
  // The few images that were judged do not show that a feature is of no use.
  expect(html).not.toContain('candidate to drop');
  expect(html).toContain('Of fewer than 100 images none is said to be of no use');
});

it('gives the page’s figures as data: balance, distributions by grade and by what is known of images', async () => {
  const varieties = Array.from({ length: 40 }, (_, i) => ({
    ...{ crop: crop(i < 30 ? 100 : 200), grade: i % 2 ? 'good' : 'bad', group: `fruit ${i}` },
  }));
  const ports = { store: new DatasetFolderStore(data), clock: systemClock };
  const request = { name: 'two', source: 'test', labels: ['good', 'bad'], inputSize: size, seed: 1 };
  const { folder } = await importViews(ports, request, varieties);
  const { file } = await readDatasetFeatures(folder);
  const { crops } = await readDataset(folder);
  const images = file.images.map((image, i) =>
    i === 0 ? image : { ...image, about: { variety: i < 30 ? 'gala' : 'fuji', station: 'left' } },
  );
  const rows = viewRows(crops, size);
  const known = { ...file, images };
  const found = exploreDataset({ images, crops, size, rows, features: viewSet.columns.length });
  const report = describeReport(known, rows, found);
  expect(Value.Check(DatasetReport, JSON.parse(JSON.stringify(report)))).toBe(true);
  expect(report.balance.reduce((sum, { images }) => sum + images, 0)).toBe(40);
  const red = report.features.findIndex(({ name }) => name === 'red');
  for (const { images, histogram, spread } of report.features[red]!.byGrade) {
    expect([images, histogram.reduce((sum, count) => sum + count, 0)]).toEqual([20, 20]);
    expect(spread).toEqual(spread.toSorted((a, b) => a - b));
  }
  // All of one station: nothing to tell apart.
  expect(report.distributions.map(({ by, values, unknown }) => [by, values, unknown])).toEqual([
    ['group', 40, 0],
    ['variety', 2, 1],
  ]);
  const [gala, fuji] = report.distributions[1]!.shown;
  expect([gala!.value, gala!.images, fuji!.value, fuji!.images]).toEqual(['gala', 29, 'fuji', 10]);
  expect(gala!.spreads[red]![4]).toBeLessThan(fuji!.spreads[red]![0]);
  expect((await reportFigures(folder)).distributions).toHaveLength(1);
});
