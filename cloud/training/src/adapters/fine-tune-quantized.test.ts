import { defaultRecipe, networkNamed, recipeFor } from '@pomona/catalog';
import { useOnnxBackend, writeOnnx } from '@pomona/onnx-backend';
import { planOf } from '@pomona/onnx-backend/graph';
import { systemClock } from '@pomona/wire';
import { grad, mul, sum, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import { describe, expect, it, test } from 'vitest';
import { uncalibrated } from '../domain/score-calibration.ts';
import { spottedDataset } from '../fixtures/spotted-dataset.ts';
import { type BuiltModel, buildModel } from '../use-cases/build-model.ts';
import { initialise } from '../use-cases/initialise.ts';
import { roundedActivation, roundedFilter } from '../use-cases/straight-through.ts';
import { train } from '../use-cases/train.ts';
import { assignNumbers, numbersOf } from '../use-cases/variables.ts';
import { fineTuneQuantized } from './fine-tune-quantized.ts';
import { pause } from './finish-model.ts';
import { variantsOf } from './quantize-model.ts';
import { traceModel } from './trace-model.ts';

/**
 * Some channels of the first convolution become `factor` times as loud, and the second listens to them so much less: the same function, but in 8 bits
 * few steps are left for the quiet channels. `own`: names of what is to grow; `next`: of the filter that shrinks.
 */
function makeLoud(
  model: BuiltModel,
  own: readonly RegExp[],
  next: RegExp,
  { loud, factor }: { readonly loud: readonly number[]; readonly factor: number },
): void {
  const numbers = numbersOf(model.variables);
  const grown = own.map((name) => model.variables.findIndex((variable) => name.test(variable.name)));
  for (const at of grown) {
    const channels = model.variables[at]!.shape.at(-1)!;
    numbers[at] = numbers[at]!.map((each, i) => (loud.includes(i % channels) ? each * factor : each));
  }
  const at = model.variables.findIndex(
    (variable, index) => index > Math.max(...grown) && next.test(variable.name),
  );
  const [, , channels = 0, filters = 0] = model.variables[at]!.shape;
  numbers[at] = numbers[at]!.map((each, i) =>
    loud.includes(Math.floor(i / filters) % channels) ? each / factor : each,
  );
  assignNumbers(model.variables, numbers);
}

describe('a trained network that 8 bits do not suit', () => {
  it.each([
    {
      ...{ name: 'sequential', size: 32, own: [/kernel/, /bias/], next: /kernel/, factor: 100 },
      ...{ fruits: 600, epochs: 6 },
    },
    {
      ...{ name: 'compact', size: 32, own: [/scale/, /offset/], next: /filter/, factor: 300 },
      ...{ fruits: 240, epochs: 6 },
    },
  ])(
    'is better for its fine-tuning than by any range, and keeps that: $name',
    async ({ name, size, own, next, factor, fruits, epochs }) => {
      const backend = await useOnnxBackend();
      const dataset = spottedDataset({ fruits, viewsPerFruit: 2, inputSize: size });
      const network = networkNamed(name)!;
      // So few steps learn under one light only.
      const { augmentation } = defaultRecipe;
      const recipe = { ...recipeFor(name, 2), epochs, augmentation, batchImages: 32 };
      const job = { dataset, network, recipe, seed: 1, views: 1 };
      const { model } = await train(job, { engine: backend, clock: systemClock, report: () => {}, pause });
      makeLoud(model, own, next, { loud: [0, 3, 5, 8], factor });
      const traced = traceModel(backend, model, uncalibrated);
      const tuning = { model, calibration: uncalibrated, dataset };
      const { models, report } = variantsOf(traced, dataset, (request) =>
        fineTuneQuantized(backend, tuning, request),
      );
      const nearest = Math.min(...report.tried.map(({ divergence }) => divergence));
      expect(report.fineTuned).toMatchObject({ isKept: true });
      expect(report.fineTuned!.divergence).toBeLessThan(nearest / 2);
      expect(report.fineTuned!.agreement).toBeGreaterThan(
        Math.max(...report.tried.map(({ agreement }) => agreement)),
      );
      expect(report.layers[0]!.ranges).toBe('learned');
      expect(models.fp32).toEqual(writeOnnx(traced, { metadata: { labels: dataset.labels.join(',') } }));
      // Its layers answer in floats again.
      const after = planOf([...traceModel(backend, model, uncalibrated).outputs.values()]);
      expect(after.results.some(({ operation }) => operation!.name === 'Round')).toBe(false);
      model.dispose();
    },
    // Training, quantizing, learning, quantizing: a busy machine takes its time.
    300_000,
  );
});

test('fine-tuning is not asked for where ranges are enough, and not kept where it made things worse', async () => {
  const size = 32;
  const backend = await useOnnxBackend();
  const dataset = spottedDataset({ fruits: 150, viewsPerFruit: 2, inputSize: size });
  const pixels = () => backend.images(dataset.crops.subarray(0, 8 * size * size * 3), [8, size, size, 3]);
  const [model, other] = [5, 6].map((seed) => {
    const built = buildModel(networkNamed('sequential')!, size, 3, seed);
    initialise(built, pixels());
    return built;
  }) as [BuiltModel, BuiltModel];
  let asked = 0;
  const worse = () => {
    asked++;
    return traceModel(backend, other, uncalibrated);
  };
  const good = variantsOf(traceModel(backend, model, uncalibrated), dataset, worse);
  expect([asked, good.report.fineTuned]).toEqual([0, undefined]);
  makeLoud(model, [/kernel/, /bias/], /kernel/, { loud: [0, 5], factor: 100 });
  const traced = traceModel(backend, model, uncalibrated);
  const { models, report } = variantsOf(traced, dataset, worse);
  expect([asked, report.fineTuned!.isKept]).toEqual([1, false]);
  expect(models).toEqual(variantsOf(traced, dataset).models);
  model.dispose();
  other.dispose();
});

test('what is rounded has the steps of its 8 bits, and its gradient goes through', async () => {
  await useOnnxBackend();
  tidy(() => {
    // Of the first filter the largest is 1.27, of the second 254.
    const filter = tensor([0.503, 254, -1.27, 2.9, 0.004, -7], [1, 1, 3, 2]);
    const rounded = [...roundedFilter(filter).dataSync()];
    for (const [at, each] of [0.5, 254, -1.27, 2, 0, -8].entries()) expect(rounded[at]).toBeCloseTo(each, 4);
    const weights = tensor([1, 2, 3, 4, 5, 6], [1, 1, 3, 2]);
    const slope = grad((x: Tensor) => sum(mul(roundedFilter(x), weights)))(filter);
    expect([...slope.dataSync()]).toEqual([1, 2, 3, 4, 5, 6]);
    const x = tensor([0, 0.4, 0.6, 254.7, 300]);
    expect([...roundedActivation(x, 255).dataSync()]).toEqual([0, 0, 1, 255, 255]);
    const through = grad((value: Tensor) => sum(roundedActivation(value, 255)))(x);
    expect([...through.dataSync()]).toEqual([1, 1, 1, 1, 0]);
  });
});
