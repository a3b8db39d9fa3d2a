import { useOnnxBackend } from '@pomona/onnx-backend';
import { variable, zeros } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { AveragedWeights } from './averaged-weights.ts';
import { assignNumbers, numbersOf } from './variables.ts';

beforeAll(() => useOnnxBackend());

const steps = 200;
/** Weights that jump between 0 and 2 around 1, after a start far away. */
const weightAfter = (done: number): number => (done < 40 ? -9 : (done / 8) % 2 === 0 ? 0 : 2);

function averageOver(stepsBack: number) {
  const weight = variable(zeros([1]));
  const averaged = new AveragedWeights([weight], stepsBack);
  for (let done = 1; done <= steps; done++) {
    assignNumbers([weight], [Float32Array.of(weightAfter(done))]);
    averaged.add(done);
  }
  return { weight, averaged };
}

test('the mean lies between the weights of neighbouring steps, and has forgotten the first ones', async () => {
  const { weight, averaged } = averageOver(1_000);
  expect(averaged.mean[0]![0]).toBeGreaterThan(0.4);
  expect(averaged.mean[0]![0]).toBeLessThan(1.6);
  const during = await averaged.during(async () => numbersOf([weight])[0]![0]);
  expect(during).toBe(averaged.mean[0]![0]);
  expect(numbersOf([weight])[0]![0]).toBe(weightAfter(steps));
});

test('gives the network its own weights back when what was to be done fails', async () => {
  const { weight, averaged } = averageOver(100);
  await expect(averaged.during(() => Promise.reject(new Error('full')))).rejects.toThrow('full');
  expect(numbersOf([weight])[0]![0]).toBe(weightAfter(steps));
});

test('over no steps there is no mean, and the weights stand for themselves', async () => {
  const { weight, averaged } = averageOver(0);
  expect(averaged.mean).toEqual([]);
  expect(await averaged.during(async () => numbersOf([weight])[0]![0])).toBe(weightAfter(steps));
});
