import { networkNamed } from '@pomona/catalog';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { spottedDataset } from '../fixtures/spotted-dataset.ts';
import { type BuiltModel, buildModel } from '../use-cases/build-model.ts';
import { trainerProbabilities } from './export-difference.ts';
import { traceModel } from './export-onnx.ts';
import { runModel } from './golden-views.ts';
import { variantsOf } from './quantize-model.ts';
import { useOnnxBackend } from './register-backend.ts';

const size = 96;
const dataset = spottedDataset({ fruits: 15, viewsPerFruit: 1, inputSize: size });
const shape = [8, size, size, 3];
const pixels = dataset.crops.subarray(0, 8 * size * size * 3);
let model: BuiltModel;
let models: ReturnType<typeof variantsOf>;
let ofTrainer: ArrayLike<number>;

beforeAll(async () => {
  const backend = await useOnnxBackend();
  model = buildModel(networkNamed('compact')!, size, 3, 5);
  // Running figures far from those that it began with: a fold that forgot them would show.
  for (let pass = 0; pass < 30; pass++) model.forward(backend.images(pixels, shape), true).logits.dataSync();
  ofTrainer = trainerProbabilities(backend, model, 1, { chosen: [], pixels, shape });
  models = variantsOf(traceModel(backend, model, 1), dataset);
});
afterAll(() => model.dispose());

test('the exported file says what the trainer says, and has its normalisation in its filters', () => {
  const fp32 = runModel(models.fp32, pixels, shape);
  expect(Math.max(...fp32.map((p, at) => Math.abs(p - ofTrainer[at]!)))).toBeLessThan(1e-4);
  const text = Buffer.from(models.fp32).toString('latin1');
  expect(text).not.toContain('BatchNormalization');
  expect(text).not.toContain('ReduceVar');
});

test('normalises by the batch in training, and by what it remembers afterwards', async () => {
  const backend = await useOnnxBackend();
  const images = backend.images(pixels, shape);
  const trained = model.forward(images, true).logits.dataSync();
  const remembered = model.forward(images).logits.dataSync();
  // After thirty passes of one batch both are nearly the same, but never equal.
  expect(Math.max(...trained.map((value, at) => Math.abs(value - remembered[at]!)))).toBeLessThan(1.5);
  expect(remembered).not.toEqual(trained);
});

test('the integer file agrees with the float file', () => {
  const [fp32, int8] = [runModel(models.fp32, pixels, shape), runModel(models.int8, pixels, shape)];
  expect(Math.max(...fp32.map((p, at) => Math.abs(p - int8[at]!)))).toBeLessThan(0.1);
  expect(int8).not.toEqual(fp32);
});
