import { expect, it } from 'vitest';
import { exploreDataset } from './explore-dataset.ts';

const size = 8;
const count = 40;

function explore(values: readonly number[]) {
  const images = values.map((_, i) => ({
    ...{ digest: String(i), grade: 'good', group: `g${i}`, source: `${i}.jpg`, split: 'train' as const },
  }));
  const crops = Uint8Array.from({ length: values.length * size * size * 3 }, (_, i) => (i * 2_654_435) >> 8);
  return exploreDataset({ images, crops, size, rows: Float32Array.from(values), features: 1 });
}

it('calls no image odd for what a third of its grade has', () => {
  // A red share: nothing or all but nothing in most apples, and much in the red ones.
  const values = Array.from({ length: count }, (_, i) => (i % 3 === 0 ? 0.5 + i / 100 : (i % 5) / 1_000));
  expect(explore(values).outliers).toEqual([]);
});

it('finds the odd ones among the others, which do not hide each other', () => {
  const values = Array.from({ length: count }, (_, i) => 100 + (i % 7));
  values[3] = 200;
  values[4] = 190;
  values[5] = 20;
  const { outliers } = explore(values);
  expect(outliers.map(({ image }) => image)).toEqual([3, 4, 5]);
});
