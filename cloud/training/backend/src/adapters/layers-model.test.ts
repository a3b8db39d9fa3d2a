/** A model as TensorFlow.js' users write it, trained by `fit` on this backend and on the CPU backend from the same weights. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import { randomTensor, relativeErrorMax } from '../testing/parity.ts';
import { backendName } from './onnx-backend.ts';
import { useOnnxBackend } from './register-backend.ts';

const seeded = (seed: number) => tfl.initializers.glorotUniform({ seed });

function classifier(): tfl.Sequential {
  const { layers } = tfl;
  return tfl.sequential({
    layers: [
      layers.zeroPadding2d({ padding: 1, inputShape: [14, 14, 3] }),
      layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, kernelInitializer: seeded(1) }),
      layers.batchNormalization({ momentum: 0.8 }),
      layers.activation({ activation: 'relu' }),
      layers.separableConv2d({
        filters: 8,
        kernelSize: 3,
        padding: 'same',
        depthwiseInitializer: seeded(2),
        pointwiseInitializer: seeded(3),
      }),
      layers.leakyReLU({ alpha: 0.1 }),
      layers.maxPooling2d({ poolSize: 2 }),
      layers.depthwiseConv2d({ kernelSize: 2, depthwiseInitializer: seeded(4), activation: 'elu' }),
      layers.dropout({ rate: 0.2, seed: 7 }),
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 3, kernelInitializer: seeded(5), activation: 'softmax' }),
    ],
  });
}

interface Learned {
  readonly losses: number[];
  readonly answers: Float32Array;
}

async function learned(backend: string, optimizer: tf.Optimizer): Promise<Learned> {
  if (backend === backendName) await useOnnxBackend();
  else await tf.setBackend(backend);
  const model = classifier();
  model.compile({ optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const images = randomTensor([24, 14, 14, 3], 11);
  const grades = tf.tidy(() => tf.reshape(tf.stack(Array.from({ length: 8 }, () => tf.eye(3))), [24, 3]));
  const { history } = await model.fit(images, grades, {
    ...{ epochs: 3, batchSize: 8, shuffle: false, verbose: 0 },
  });
  const answers = tf.tidy(() => (model.predict(images) as tf.Tensor).dataSync() as Float32Array);
  model.dispose();
  for (const each of [images, grades, optimizer]) each.dispose();
  return { losses: history.loss as number[], answers };
}

describe('a model of the Layers API', () => {
  test.each([
    ['sgd', () => tf.train.sgd(0.05)],
    ['adam', () => tf.train.adam(0.002)],
  ])('learns by %s what it learns on the CPU backend', async (_, make) => {
    const expected = await learned('cpu', make());
    const actual = await learned(backendName, make());
    expect(largestError(expected.losses, actual.losses)).toBeLessThanOrEqual(relativeErrorMax);
    expect(largestError(expected.answers, actual.answers)).toBeLessThanOrEqual(10 * relativeErrorMax);
  });

  test('leaves nothing behind however long it learns', async () => {
    const backend = await useOnnxBackend();
    await learned(backendName, tf.train.adam(0.002));
    const held = () => ({
      tensors: tf.memory().numTensors,
      data: backend.numDataIds(),
      pending: backend.pendingCount,
      compiled: backend.runner.counts.compiled,
    });
    const before = held();
    for (let round = 0; round < 3; round++) await learned(backendName, tf.train.adam(0.002));
    expect(held()).toEqual(before);
  });

  test('names the kernel that is not there', async () => {
    await useOnnxBackend();
    const x = tf.tensor1d([1, 2, 3]);
    expect(() => tf.atan(x)).toThrow(/Atan.*onnx/);
    x.dispose();
  });
});

function largestError(expected: ArrayLike<number>, actual: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  const largest = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...Array.from(expected, (each, at) => Math.abs(each - actual[at]!))) / largest;
}
