import { networkNamed } from '@pomona/catalog';
import { type TracedGraph, useOnnxBackend, writeOnnx } from '@pomona/onnx-backend';
import { fill, type Tensor } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { convolutionsOf, quantizeGraph } from '../domain/quantization/quantize-graph.ts';
import { uncalibrated } from '../domain/score-calibration.ts';
import { spottedDataset } from '../fixtures/spotted-dataset.ts';
import { type BuiltModel, buildModel } from '../use-cases/build-model.ts';
import { NormalisedConvolution } from '../use-cases/normalised-convolution.ts';
import { trainerProbabilities } from './export-difference.ts';
import { runModel } from './golden-views.ts';
import { variantsOf } from './quantize-model.ts';
import { traceModel } from './trace-model.ts';

const size = 96;
/** Of what the running figures began with, next to nothing is left after so many. */
const passes = 100;
const dataset = spottedDataset({ fruits: 15, viewsPerFruit: 1, inputSize: size });
const shape = [8, size, size, 3];
const pixels = dataset.crops.subarray(0, 8 * size * size * 3);

describe.each(['compact', 'local'])('%s', (name) => {
  let model: BuiltModel;
  let traced: TracedGraph;
  let models: ReturnType<typeof variantsOf>['models'];
  let ofTrainer: ArrayLike<number>;

  beforeAll(async () => {
    const backend = await useOnnxBackend();
    model = buildModel(networkNamed(name)!, size, 3, 5);
    // Running figures far from those that it began with: a fold that forgot them would show.
    for (let pass = 0; pass < passes; pass++)
      model.forward(backend.images(pixels, shape), true).logits.dataSync();
    ofTrainer = trainerProbabilities(backend, model, uncalibrated, { pixels, shape });
    traced = traceModel(backend, model, uncalibrated);
    ({ models } = variantsOf(traced, dataset));
  });
  afterAll(() => model.dispose());

  test('the exported file says what the trainer says, and has its normalisation in its filters', () => {
    const fp32 = runModel(models.fp32, pixels, shape);
    expect(Math.max(...fp32.map((p, at) => Math.abs(p - ofTrainer[at]!)))).toBeLessThan(1e-4);
    const text = Buffer.from(models.fp32).toString('latin1');
    expect(text).not.toContain('BatchNormalization');
    expect(text).not.toContain('ReduceVar');
  });

  test('the integer file agrees with the float file', () => {
    const [fp32, int8] = [runModel(models.fp32, pixels, shape), runModel(models.int8, pixels, shape)];
    const differences = fp32.map((p, at) => Math.abs(p - int8[at]!));
    expect(differences.reduce((sum, each) => sum + each, 0) / differences.length).toBeLessThan(0.05);
    expect(int8).not.toEqual(fp32);
  });

  test('but for its convolutions the integer file loses nothing: what normalises the features stays in floats', () => {
    const targets = [...traced.outputs.values()];
    const convolutions = convolutionsOf(targets);
    const rangeOf = new Map(convolutions.map((each) => [each, { min: 0, max: 1 }]));
    const quantized = quantizeGraph(targets, { rangeOf, inFloat: new Set(convolutions) });
    const outputs = new Map([...traced.outputs.keys()].map((name, at) => [name, quantized[at]!]));
    const file = writeOnnx({ ...traced, outputs });
    const [fp32, other] = [runModel(models.fp32, pixels, shape), runModel(file, pixels, shape)];
    expect(Math.max(...fp32.map((p, at) => Math.abs(p - other[at]!)))).toBeLessThan(0.02);
  });
});

test('a normalised convolution remembers what the batches were like, and folds that into its filter', async () => {
  const backend = await useOnnxBackend();
  const layer = new NormalisedConvolution({ filters: 16, kernel: 3, stride: 2, momentum: 0.9, seed: 1 });
  const images = backend.images(pixels, shape);
  let byBatch = layer.apply(images, { training: true }) as Tensor;
  const before = (layer.apply(images) as Tensor).dataSync();
  for (let pass = 0; pass < passes; pass++) byBatch = layer.apply(images, { training: true }) as Tensor;
  const trained = byBatch.dataSync();
  const remembered = (layer.apply(images) as Tensor).dataSync();
  const distance = (a: ArrayLike<number>): number =>
    Array.from(trained).reduce((most, value, at) => Math.max(most, Math.abs(value - a[at]!)), 0);
  expect(distance(remembered)).toBeLessThan(0.01);
  expect(distance(before)).toBeGreaterThan(1);
});

test('a normalised convolution stays finite where a filter answers nearly the same everywhere', async () => {
  await useOnnxBackend();
  const layer = new NormalisedConvolution({ filters: 16, kernel: 1, stride: 1, momentum: 0, seed: 1 });
  const x = fill([2, 31, 33, 3], 12_345.67);
  const answers = (layer.apply(x, { training: true }) as Tensor).dataSync();
  const variance = layer.getWeights().at(-1)!.dataSync();
  expect(Array.from(answers).every(Number.isFinite)).toBe(true);
  expect(Math.min(...variance)).toBeGreaterThanOrEqual(0);
});
