import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { networkNamed } from '@pomona/catalog';
import { openSession, type TracedGraph, useOnnxBackend, writeOnnx } from '@pomona/onnx-backend';
import type { Value } from '@pomona/onnx-backend/graph';
import { planOf } from '@pomona/onnx-backend/graph';
import { systemClock } from '@pomona/wire';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { casesOf } from '../domain/cases.ts';
import { calibrationImages } from '../domain/quantization/calibration-images.ts';
import { rangeBy, rangeMethods } from '../domain/quantization/calibration-ranges.ts';
import { linesBetween, pooledOf, withLines } from '../domain/quantization/pooled-lines.ts';
import {
  convolutionsOf,
  type QuantizationSettings,
  quantizeGraph,
} from '../domain/quantization/quantize-graph.ts';
import { tidyGraph } from '../domain/quantization/tidy-graph.ts';
import { uncalibrated } from '../domain/score-calibration.ts';
import { spottedDataset } from '../fixtures/spotted-dataset.ts';
import { buildModel } from '../use-cases/build-model.ts';
import { initialise } from '../use-cases/initialise.ts';
import { statisticsOf } from './activation-statistics.ts';
import { evaluateVariants } from './evaluate-variants.ts';
import { runModel } from './golden-views.ts';
import { numbersOfValues } from './numbers-of-values.ts';
import { variantsOf } from './quantize-model.ts';
import { traceModel } from './trace-model.ts';

const size = 64;
const dataset = spottedDataset({ fruits: 30, viewsPerFruit: 2, inputSize: size });
const shape = [8, size, size, 3];
const pixels = dataset.crops.subarray(0, 8 * size * size * 3);
const folder = mkdtempSync(join(tmpdir(), 'pomona-quantize-'));
afterAll(() => rmSync(folder, { recursive: true }));
let models: ReturnType<typeof variantsOf>['models'];
let report: ReturnType<typeof variantsOf>['report'];
let traced: TracedGraph;

beforeAll(async () => {
  const backend = await useOnnxBackend();
  const model = buildModel(networkNamed('sequential')!, size, 3, 5);
  initialise(model, backend.images(pixels, shape));
  traced = traceModel(backend, model, uncalibrated);
  ({ models, report } = variantsOf(traced, dataset));
  model.dispose();
});

describe('a quantized model', () => {
  test('says nearly what the float model says', () => {
    const [fp32, int8] = [runModel(models.fp32, pixels, shape), runModel(models.int8, pixels, shape)];
    expect(Math.max(...fp32.map((p, at) => Math.abs(p - int8[at]!)))).toBeLessThan(0.03);
    // Not the float model under another name.
    expect(int8).not.toEqual(fp32);
  });

  test('took the ranges that come nearest to the float model, and says how noisy each layer is', () => {
    const least = Math.min(...report.tried.map(({ divergence }) => divergence));
    expect(report.tried.map(({ ranges }) => ranges)).toEqual([...rangeMethods]);
    expect(report.tried.find(({ ranges }) => ranges === report.ranges)!.divergence).toBe(least);
    expect(report.layers.map(({ bits }) => bits)).toEqual([8, 8, 8]);
    for (const { ranges } of report.layers) expect(rangeMethods).toContain(ranges);
    // The 255 steps reach from one end to the other, and 0 is one of them.
    for (const { output } of report.layers) {
      const { min, max, scale, zeroPoint } = output!;
      expect(max).toBeGreaterThan(0);
      expect(scale * 255).toBeCloseTo(max - min, 3);
      expect(Math.abs(-zeroPoint * scale - min)).toBeLessThanOrEqual(scale / 2 + 1e-6);
    }
    // Behind a ReLU nothing is below 0.
    expect(report.layers.slice(0, 2).map(({ output }) => output!.min)).toEqual([0, 0]);
    for (const { signalToNoiseDb } of report.layers) {
      expect(signalToNoiseDb).toBeGreaterThan(15);
      expect(signalToNoiseDb).toBeLessThan(80);
    }
  });

  test('has weights that were rounded together, and lines behind what is pooled: each brings it nearer', () => {
    const targets = [...traced.outputs.values()];
    const images = calibrationImages(dataset);
    const { counts, heardOf } = statisticsOf(traced, dataset, images);
    const rangeOf = new Map([...counts].map(([value, each]) => [value, rangeBy('squared-error', each)]));
    const pooled = pooledOf(targets);
    const [wanted] = numbersOfValues(traced, pooled, dataset, images);
    const features = pooled[0]!.shape[1]!;
    const found = (settings: QuantizationSettings) =>
      numbersOfValues(traced, quantizeGraph(pooled, settings), dataset, images)[0]!;
    const farness = (numbers: Float32Array) =>
      numbers.reduce((sum, each, at) => sum + (each - wanted![at]!) ** 2, 0);
    const together = found({ rangeOf, heardOf });
    expect(farness(together)).toBeLessThan(farness(found({ rangeOf })) / 2);
    const lines = linesBetween(together, wanted!, features);
    const behind = withLines(pooled, new Map([[pooled[0]!, lines]]));
    const lined = numbersOfValues(traced, quantizeGraph(behind, { rangeOf, heardOf }), dataset, images)[0]!;
    expect(farness(lined)).toBeLessThan(farness(together) / 2);
  });

  test('leaves a layer in floats that is asked to be, and is nearer for it', () => {
    const targets = [...traced.outputs.values()];
    const statistics = statisticsOf(traced, dataset, calibrationImages(dataset));
    const rangeOf = new Map([...statistics.counts].map(([value, each]) => [value, rangeBy('minmax', each)]));
    const layers = convolutionsOf(targets);
    // The last convolution, before tables of pooling that are stored as bytes come in.
    const deepest = (inFloat: ReadonlySet<Value>) => {
      const [value] = quantizeGraph([layers.at(-1)!], { rangeOf, inFloat });
      const session = openSession(writeOnnx({ ...traced, outputs: new Map([['deepest', value!]]) }));
      const [numbers] = session.run(new Map([['images', { type: 'uint8', shape, data: pixels }]]), [
        'deepest',
      ]);
      session.dispose();
      return numbers as Float32Array;
    };
    const whole = deepest(new Set(layers));
    const noise = (inFloat: ReadonlySet<Value>) =>
      deepest(inFloat).reduce((sum, each, at) => sum + Math.abs(each - whole[at]!), 0);
    expect(noise(new Set(layers.slice(0, 2)))).toBeLessThan(noise(new Set()));
    expect(noise(new Set())).toBeGreaterThan(0);
  });

  test('has an integer kernel for every convolution, once ONNX Runtime has fused it', ({ skip }) => {
    if (process.arch !== 'x64') {
      console.warn(`skipped: the graph that is checked is that of x64, not ${process.arch}`);
      skip();
      return;
    }
    const optimizedFile = join(folder, 'optimized.onnx');
    openSession(models.int8, { threads: 1, optimizedFile }).dispose();
    const text = readFileSync(optimizedFile).toString('latin1');
    // An operator's type is field 4 of its node: a tag, its length, its name.
    const count = (type: string) => text.split(`"${String.fromCharCode(type.length)}${type}`).length - 1;
    expect(count('QLinearConv')).toBe(3);
    expect(count('Conv') + count('FusedConv')).toBe(0);
  });

  test('takes at most three tenths of the bytes', () => {
    expect(models.int8.byteLength / models.fp32.byteLength).toBeLessThanOrEqual(0.3);
  });

  test('is tidied to fewer nodes that give the same bits', () => {
    const names = [...traced.outputs.keys()];
    const targets = [...traced.outputs.values()];
    const tidied = tidyGraph(targets);
    const file = writeOnnx({ ...traced, outputs: new Map(names.map((name, at) => [name, tidied[at]!])) });
    const nodes = (of: readonly Value[]) => planOf(of).results.map(({ operation }) => operation!.name);
    const count = (of: readonly Value[], name: string) => nodes(of).filter((each) => each === name).length;
    expect(count(targets, 'Reshape')).toBeGreaterThan(3);
    expect(count(tidied, 'Reshape')).toBe(0);
    expect(count(tidied, 'Sigmoid')).toBe(1);
    const run = (model: Uint8Array<ArrayBuffer>) => {
      const session = openSession(model, { threads: 1 });
      const answers = session.run(new Map([['images', { type: 'uint8', shape, data: pixels }]]), names);
      session.dispose();
      return answers;
    };
    expect(run(file)).toEqual(run(models.fp32));
  });

  test('is evaluated beside the float model, which agrees with itself', () => {
    const cases = casesOf(dataset, 'test', 2);
    const [fp32, int8] = evaluateVariants(models, { dataset, cases, clock: systemClock });
    expect(fp32).toMatchObject({ name: 'fp32', agreement: 1, bytes: models.fp32.byteLength });
    expect(int8).toMatchObject({ name: 'int8', bytes: models.int8.byteLength });
    expect(int8!.agreement).toBeGreaterThan(0.8);
    expect(fp32!.accuracyLossBound).toBeUndefined();
    expect(int8!.accuracyLossBound).toBeGreaterThanOrEqual(fp32!.accuracy - int8!.accuracy);
    expect(Math.min(fp32!.msPerView, int8!.msPerView)).toBeGreaterThan(0);
  });

  test('was calibrated on images of every grade, none of them of the test split', () => {
    const chosen = calibrationImages(dataset).map((at) => dataset.images[at]!);
    expect(new Set(chosen.map(({ grade }) => grade)).size).toBe(3);
    expect(chosen.some(({ split }) => split === 'test')).toBe(false);
  });

  test('passes onnx.checker', ({ skip }) => {
    const python = ['python3', '/usr/bin/python3'].find(
      (each) => spawnSync(each, ['-c', 'import onnx']).status === 0,
    );
    if (!python) {
      if (process.env.POMONA_REQUIRE_ALL === '1')
        throw new Error('python3-onnx is needed: apt-get install python3-onnx');
      console.warn('skipped: no python3 with onnx here, so onnx.checker was not asked');
      skip();
      return;
    }
    const path = join(folder, 'model.onnx');
    writeFileSync(path, models.int8);
    const script = 'import onnx, sys; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)';
    expect(spawnSync(python, ['-c', script, path], { encoding: 'utf8' }).stderr).toBe('');
  });
});
