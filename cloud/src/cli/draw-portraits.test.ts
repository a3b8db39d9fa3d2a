import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trueGrades } from '@pomona/orchard';
import { afterAll, expect, test } from 'vitest';
import { readDataset } from '../adapters/dataset/dataset-folder.ts';
import { drawPortraits } from './draw-portraits.ts';

const dataFolder = mkdtempSync(join(tmpdir(), 'pomona-portraits-'));
afterAll(() => rmSync(dataFolder, { recursive: true }));

const drawn = async (views?: number) => {
  const request = { dataFolder, name: 'drawn', seed: 2, count: 24, labels: trueGrades, views };
  const { folder } = await drawPortraits({
    ...request,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  return (await readDataset(folder)).file;
};

test('freezes portraits one by one, or all views of a fruit together', async () => {
  const single = await drawn();
  expect(single).toMatchObject({ viewsPerFruit: 1, source: 'portraits, seed 2, 24 of good, ok, bad' });
  expect(single.images).toHaveLength(24);
  const turned = await drawn(3);
  expect(turned).toMatchObject({
    viewsPerFruit: 3,
    source: 'portraits, seed 2, 24 of good, ok, bad, 3 views',
  });
  expect(turned.images).toHaveLength(72);
  // Of a fruit that is not good some sides look good.
  const sides = turned.images.filter(({ grade }) => grade !== 'good').map(({ viewGrade }) => viewGrade);
  expect(sides).toContain('good');
});
