import { defaultRecipe } from '@pomona/catalog';
import { expect, test } from 'vitest';
import { type Batch, type BatchMaking, epochBatches } from '../domain/batches.ts';
import { casesOf } from '../domain/cases.ts';
import { spottedDataset } from '../fixtures/spotted-dataset.ts';
import { startBatchesAhead } from './batches-ahead.ts';

const workerFile = new URL('../../dist/batch-worker.js', import.meta.url);
const dataset = spottedDataset({ fruits: 30, viewsPerFruit: 2, inputSize: 16 });
const making: BatchMaking = {
  dataset: { ...dataset, defects: { cells: 4, maps: new Uint8Array(60 * 4 * 4 * 2).fill(90) } },
  cases: casesOf(dataset, 'train', 2),
  shape: { cases: 4, views: 2 },
  augmentation: { ...defaultRecipe.augmentation, rotation: 0.7, blur: 1, occlusion: 0.5 },
  ...{ groupBalance: 0.5, seed: 3 },
};
const kept = ({ pixels, defects, cases, images }: Batch) => ({
  ...{ pixels: Buffer.from(pixels), defects: Buffer.from(defects), cases, images },
});

test('gives the very batches that are made between steps, epoch after epoch', async () => {
  const ahead = startBatchesAhead(making, workerFile);
  try {
    for (const epoch of [1, 2, 7]) {
      const expected = [...epochBatches(making, epoch)].length;
      const wanted = epochBatches(making, epoch);
      let count = 0;
      for await (const batch of ahead.epoch(epoch)) {
        expect(kept(batch)).toEqual(kept(wanted.next().value as Batch));
        count++;
      }
      expect(count).toBe(expected);
      expect(count).toBeGreaterThan(2);
    }
  } finally {
    await ahead.stop();
  }
});

test('fails where the thread does', async () => {
  const ahead = startBatchesAhead(
    { ...making, cases: [{ images: [0], label: 0, group: 'a' }], shape: undefined! },
    workerFile,
  );
  const first = async () => {
    for await (const batch of ahead.epoch(1)) return batch;
  };
  await expect(first()).rejects.toThrow('undefined');
  await ahead.stop();
});
