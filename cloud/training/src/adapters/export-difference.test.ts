import { useOnnxBackend } from '@pomona/onnx-backend';
import { randomInt, seededRandom } from '@pomona/wire';
import { expect, test } from 'vitest';
import { plainNetwork } from '../fixtures/plain-network.ts';
import { buildModel } from '../use-cases/build-model.ts';
import { exportDifferenceOf, trainerProbabilities } from './export-difference.ts';
import { runModel } from './golden-views.ts';
import { exportOnnx } from './trace-model.ts';

const size = 32;
const labels = 3;
const calibration = { scale: 0.6, shift: [0, 0.5, -2] };

test('the exported file says what the trainer says, and one of another calibration is found out', async () => {
  const backend = await useOnnxBackend();
  const model = buildModel(plainNetwork, size, labels, 11);
  const random = seededRandom(1, 'pixels');
  const shape = [4, size, size, 3];
  const pixels = Uint8Array.from({ length: 4 * size * size * 3 }, () => randomInt(random, 256));
  const ofTrainer = trainerProbabilities(backend, model, calibration, { pixels, shape });
  const goldenOf = (bytes: Uint8Array<ArrayBuffer>) => {
    const rows = runModel(bytes, pixels, shape);
    const views = Array.from({ length: 4 }, (_, at) => ({
      ...{ digest: '', grade: 'good', quantized: [] },
      probabilities: [...rows.subarray(at * labels, (at + 1) * labels)],
    }));
    return { inputSize: size, labels: ['good', 'ok', 'bad'], views };
  };
  expect(exportDifferenceOf(ofTrainer, goldenOf(exportOnnx(backend, model, { calibration })))).toBeLessThan(
    1e-4,
  );
  const other = goldenOf(exportOnnx(backend, model, { calibration: { ...calibration, shift: [0, 0.5, 0] } }));
  expect(exportDifferenceOf(ofTrainer, other)).toBeGreaterThan(0.001);
  model.dispose();
});

test('a probability that is no number, or one that is missing, is no small difference', () => {
  const of = (probabilities: number[]) => ({
    ...{ inputSize: 8, labels: ['good', 'bad'] },
    views: [{ digest: '', grade: 'good', probabilities, quantized: [] }],
  });
  expect(exportDifferenceOf(Float32Array.of(0.5, 0.5), of([0.5, Number.NaN]))).toBe(1);
  expect(exportDifferenceOf(Float32Array.of(0.5, 0.5), of([0.5]))).toBe(1);
  expect(exportDifferenceOf(Float32Array.of(0.5, 0.5), of([0.5, 0.25]))).toBe(0.25);
});
