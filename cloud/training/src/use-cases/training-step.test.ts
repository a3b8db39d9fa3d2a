import { defaultRecipe } from '@pomona/catalog';
import { useOnnxBackend } from '@pomona/onnx-backend';
import { seededRandom } from '@pomona/wire';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { batchesOf } from '../domain/batches.ts';
import { casesOf } from '../domain/cases.ts';
import { plainNetwork } from '../fixtures/plain-network.ts';
import { spottedDataset } from '../fixtures/spotted-dataset.ts';
import { buildModel } from './build-model.ts';
import { trainingStep } from './training-step.ts';

test('does not grow over hundreds of training steps, and compiles nothing after the second', async () => {
  const backend = await useOnnxBackend();
  const dataset = spottedDataset({ fruits: 15, viewsPerFruit: 2, inputSize: 16 });
  const cases = casesOf(dataset, 'train', 2);
  const model = buildModel(plainNetwork, 16, 3, 1);
  const shape = { cases: 3, views: 2 };
  const settings = { shape, classWeights: [1, 1, 1], recipe: defaultRecipe };
  const step = trainingStep(backend, model, dataset, settings);
  const random = seededRandom(1);
  const epoch = () => {
    for (const batch of batchesOf(dataset, cases, shape, defaultRecipe.augmentation, random))
      step.run(batch, 0.001);
  };
  epoch();
  const before = { ...tf.memory(), ids: backend.numDataIds(), compiled: backend.runner.counts.compiled };
  for (let round = 0; round < 100; round++) epoch();
  const after = { ...tf.memory(), ids: backend.numDataIds(), compiled: backend.runner.counts.compiled };
  expect(after).toEqual(before);
  step.dispose();
  model.dispose();
});
