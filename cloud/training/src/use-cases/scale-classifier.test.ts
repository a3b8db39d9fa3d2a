import { networkNamed } from '@pomona/catalog';
import { useOnnxBackend } from '@pomona/onnx-backend';
import { expect, test } from 'vitest';
import { spottedDataset } from '../fixtures/spotted-dataset.ts';
import { buildModel } from './build-model.ts';
import { scaleClassifier } from './fit-classifier.ts';

const size = 48;
const images = 6;
const { crops } = spottedDataset({ fruits: images, viewsPerFruit: 1, inputSize: size });

test('a calibration becomes part of the classifier, unless it turns the grades around', async () => {
  const backend = await useOnnxBackend();
  const model = buildModel(networkNamed('local')!, size, 3, 7);
  const logits = () => [...model.forward(backend.images(crops, [images, size, size, 3])).logits.dataSync()];
  const before = logits();
  scaleClassifier(model, { scale: 2, shift: [0, 1, -3] });
  const after = logits();
  expect(new Set(before).size).toBeGreaterThan(images);
  before.forEach((logit, at) => {
    expect(after[at]).toBeCloseTo(2 * logit + [0, 1, -3][at % 3]!, 4);
  });
  scaleClassifier(model, { scale: -2, shift: [0, 1, -3] });
  expect(logits()).toEqual(after);
  model.dispose();
});
