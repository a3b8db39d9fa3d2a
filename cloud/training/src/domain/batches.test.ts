import { defaultRecipe } from '@pomona/catalog';
import { seededRandom } from '@pomona/wire';
import { describe, expect, test } from 'vitest';
import { spottedDataset } from '../fixtures/spotted-dataset.ts';
import { orientationsOf, randomLighting, writeCrop } from './augment.ts';
import { batchesOf, batchShapeOf } from './batches.ts';
import { casesOf } from './cases.ts';
import { classWeightsOf } from './class-weights.ts';
import { learningRateAt } from './schedule.ts';

const dataset = spottedDataset({ fruits: 30, viewsPerFruit: 3, inputSize: 8 });
const cases = casesOf(dataset, 'train', 3);
const none = { ...defaultRecipe.augmentation, orientation: false, brightness: 0, whiteBalance: 0, gamma: 0 };

describe('batches', () => {
  test('hold whole fruits, each once an epoch, with the views of a fruit next to each other', () => {
    const shape = batchShapeOf(10, 3, cases.length);
    expect(shape).toEqual({ cases: 3, views: 3 });
    const batches = [...batchesOf(dataset, cases, shape, none, seededRandom(1))];
    expect(batches).toHaveLength(6);
    const groups = batches.flatMap((batch) => batch.cases.map(({ group }) => group));
    expect(new Set(groups).size).toBe(18);
    for (const batch of batches) {
      expect(batch.images.map((image) => dataset.images[image]!.group)).toEqual(
        batch.cases.flatMap(({ group }) => [group, group, group]),
      );
    }
  });

  test('show other views of a fruit each time when a step sees only some of them', () => {
    const shape = { cases: 1, views: 1 };
    const shown = (seed: number) =>
      [...batchesOf(dataset, cases.slice(0, 1), shape, none, seededRandom(seed))][0]!.images[0];
    expect(new Set([1, 2, 3, 4, 5, 6, 7, 8].map(shown)).size).toBeGreaterThan(1);
  });

  test('carry the crops unchanged when nothing is to be changed', () => {
    const [batch] = batchesOf(dataset, cases, { cases: 1, views: 3 }, none, seededRandom(2));
    const image = batch!.images[1]!;
    const crop = dataset.crops.slice(image * 192, (image + 1) * 192);
    const planes = [0, 1, 2].flatMap((channel) => [...crop.filter((_, at) => at % 3 === channel)]);
    expect([...batch!.pixels.slice(192, 384)]).toEqual(planes);
  });

  test('turn a crop all eight ways, and keep black black', () => {
    const crop = Uint8Array.from({ length: 4 * 3 }, (_, at) => (at < 3 ? 0 : 40 + at));
    const seen = orientationsOf(2).map((from) => {
      const out = new Uint8Array(12);
      writeCrop(crop, out, from, randomLighting(seededRandom(3), defaultRecipe.augmentation));
      expect(out.filter((level) => level === 0)).toHaveLength(3);
      return String(out.map((level) => Math.round(level)));
    });
    expect(new Set(seen).size).toBe(8);
  });
});

test('every class weighs the same in sum when balanced, and every case when not', () => {
  const skewed = [0, 0, 0, 1].map((label) => ({ label, images: [0], group: '' }));
  const balanced = classWeightsOf(skewed, 3, 1);
  expect(balanced[0]! * 3).toBeCloseTo(balanced[1]!);
  expect(balanced[2]).toBe(0);
  expect(classWeightsOf(skewed, 3, 0)).toEqual([1, 1, 0]);
});

test('the learning rate rises, peaks after the warm-up, and falls to its final share', () => {
  const rates = Array.from({ length: 100 }, (_, step) => learningRateAt(defaultRecipe, step, 100));
  const peak = rates.indexOf(Math.max(...rates));
  expect(peak).toBeGreaterThanOrEqual(4);
  expect(peak).toBeLessThanOrEqual(5);
  expect(rates[peak]).toBeCloseTo(defaultRecipe.learningRate);
  expect(rates[99]! / defaultRecipe.learningRate).toBeLessThan(0.02);
});
