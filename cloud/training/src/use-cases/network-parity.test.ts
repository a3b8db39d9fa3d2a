/** What is ours on top of the backend, held against TensorFlow.js' CPU backend and its optimizer. */
import { networkNamed } from '@pomona/catalog';
import { portable, useOnnxBackend } from '@pomona/onnx-backend';
import { disagreement, randomTensor, relativeErrorMax } from '@pomona/onnx-backend/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { buildModel } from './build-model.ts';
import { FlatAdam } from './flat-adam.ts';

test.each(['in blocks of channels', 'by standard operations'])(
  'the whole sequential network of the catalog %s',
  async (how) => {
    const backend = await useOnnxBackend();
    const { target } = backend;
    if (how === 'by standard operations') backend.target = portable;
    const { error } = await disagreement(() => {
      const model = buildModel(networkNamed('sequential')!, 16, 3, 5);
      const pixels = tf.abs(randomTensor([6, 16, 16, 3], 1, 255));
      const targets = tf.oneHot(tf.tensor1d([0, 1, 2, 1], 'int32'), 3);
      const { value, grads } = tf.variableGrads(() => {
        const views = tf.reshape(model.forward(tf.tile(pixels, [2, 1, 1, 1]), true).logits, [4, 3, 3]);
        return tf.losses.softmaxCrossEntropy(targets, tf.mean(views, 1)) as tf.Scalar;
      }, [...model.trainable]);
      const results = [value, ...model.trainable.map(({ name }) => grads[name]!)];
      model.dispose();
      return results;
    });
    backend.target = target;
    expect(error).toBeLessThanOrEqual(relativeErrorMax);
  },
);

test('Adam over all variables as one vector', async () => {
  const start = [randomTensor([3, 2], 1), randomTensor([2], 2)];
  const data = randomTensor([8, 3], 3);
  const numbers = await Promise.all([...start, data].map((each) => each.array()));
  const settings = { beta1: 0.9, beta2: 0.99, epsilon: 1e-3 };
  const after = (steps: (variables: tf.Variable[], loss: () => tf.Scalar) => void) => {
    const [weights, bias] = numbers.slice(0, 2).map((each) => tf.variable(tf.tensor(each as number[])));
    const x = tf.tensor(numbers[2] as number[]) as tf.Tensor2D;
    const loss = () =>
      tf.mean(
        tf.square(tf.sub(tf.add(tf.matMul(x, weights as unknown as tf.Tensor2D), bias!), 1)),
      ) as tf.Scalar;
    steps([weights!, bias!], loss);
    return [...weights!.dataSync(), ...bias!.dataSync()];
  };
  await useOnnxBackend();
  const flat = after((variables, loss) => {
    const adam = new FlatAdam(variables, settings);
    for (let step = 0; step < 5; step++) tf.tidy(() => adam.minimise(loss, 0.05));
    adam.dispose();
  });
  const own = after((variables, loss) => {
    const adam = tf.train.adam(0.05, settings.beta1, settings.beta2, settings.epsilon);
    for (let step = 0; step < 5; step++) adam.minimize(loss, false, variables);
  });
  flat.forEach((each, at) => {
    expect(each).toBeCloseTo(own[at]!, 5);
  });
});
