import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { disagreement, randomTensor, relativeErrorMax } from '../testing/parity.ts';
import { channelBlockHere } from './channel-block.ts';

async function expectParity(compute: () => tf.Tensor | readonly tf.Tensor[]): Promise<void> {
  expect((await disagreement(compute)).error).toBeLessThanOrEqual(relativeErrorMax);
}

const length = (max: number) => fc.integer({ min: 1, max });
const window = fc.record({
  n: length(3),
  height: fc.integer({ min: 5, max: 10 }),
  width: fc.integer({ min: 5, max: 10 }),
  channels: length(4),
  filters: length(5),
  kernel: fc.tuple(length(5), length(5)),
  stride: fc.tuple(length(3), length(3)),
  pad: fc.constantFrom('same' as const, 'valid' as const),
  seed: fc.nat(),
});

describe('gradients agree with the CPU backend', () => {
  test('convolutions of any window', async () => {
    await fc.assert(
      fc.asyncProperty(window, ({ n, height, width, channels, filters, kernel, stride, pad, seed }) =>
        expectParity(() => {
          const x = randomTensor([n, height, width, channels], seed);
          const filter = randomTensor([...kernel, channels, filters], seed + 1);
          const bias = randomTensor([filters], seed + 2);
          const net = (image: tf.Tensor, weights: tf.Tensor, offset: tf.Tensor) => {
            const y = tf.relu(
              tf.add(tf.conv2d(image as tf.Tensor4D, weights as tf.Tensor4D, stride, pad), offset),
            );
            return tf.sum(tf.square(y)) as tf.Scalar;
          };
          return tf.grads(net)([x, filter, bias]);
        }),
      ),
      { numRuns: 25 },
    );
  });

  test('convolutions whose channels fill blocks, and some that do not', async ({ skip }) => {
    const block = channelBlockHere();
    if (block === 0) {
      console.warn('skipped: ONNX Runtime has no convolutions in blocks of channels on this machine');
      skip();
    }
    const channels = fc.constantFrom(3, block, 2 * block, block + 1);
    await fc.assert(
      fc.asyncProperty(
        window,
        channels,
        channels,
        fc.constantFrom(1, 5, block + 2),
        ({ height, width, kernel, stride, pad, seed }, inner, outer, n) =>
          expectParity(() => {
            // Even lengths let a stride of two interleave; odd ones must take the other way.
            const x = randomTensor([n, height, width, inner], seed);
            const first = randomTensor([...kernel, inner, outer], seed + 1, 0.3);
            const second = randomTensor([3, 3, outer, block], seed + 2, 0.3);
            const bias = randomTensor([outer], seed + 3);
            const net = (image: tf.Tensor, a: tf.Tensor, b: tf.Tensor, offset: tf.Tensor) => {
              const plain = tf.conv2d(image as tf.Tensor4D, a as tf.Tensor4D, stride, pad);
              const middle = tf.relu(tf.add(plain, offset));
              const y = tf.conv2d(middle as tf.Tensor4D, b as tf.Tensor4D, 2, 'same');
              const scaled = tf.mul(tf.sigmoid(y), randomTensor([1, 1, 1, block], seed + 4));
              return tf.sum(tf.square(tf.mean(scaled, [1, 2]))) as tf.Scalar;
            };
            return tf.grads(net)([x, first, second, bias]);
          }),
      ),
      { numRuns: 25 },
    );
  });

  test('fused convolutions', async () => {
    await fc.assert(
      fc.asyncProperty(window, ({ n, height, width, channels, filters, kernel, stride, pad, seed }) =>
        expectParity(() =>
          tf.fused.conv2d({
            x: randomTensor([n, height, width, channels], seed) as tf.Tensor4D,
            filter: randomTensor([...kernel, channels, filters], seed + 1) as tf.Tensor4D,
            strides: stride,
            pad,
            bias: randomTensor([filters], seed + 2),
            activation: 'relu',
          }),
        ),
      ),
      { numRuns: 10 },
    );
  });

  test('pooling', async () => {
    await fc.assert(
      fc.asyncProperty(window, ({ n, height, width, channels, kernel, stride, pad, seed }) =>
        expectParity(() => {
          const x = randomTensor([n, height, width, channels], seed) as tf.Tensor4D;
          const max = (image: tf.Tensor) =>
            tf.sum(tf.square(tf.maxPool(image as tf.Tensor4D, kernel, stride, pad))) as tf.Scalar;
          // TensorFlow.js' own CPU gradient of padded average pooling counts the padding; ours must not.
          const average = (image: tf.Tensor) =>
            tf.sum(tf.square(tf.avgPool(image as tf.Tensor4D, kernel, stride, 'valid'))) as tf.Scalar;
          return [
            tf.maxPool(x, kernel, stride, pad),
            tf.avgPool(x, kernel, stride, pad),
            tf.grad(max)(x),
            tf.grad(average)(x),
          ];
        }),
      ),
      { numRuns: 12 },
    );
  });

  test('the first of equal pixels takes the gradient of max pooling', async () => {
    await expectParity(() =>
      tf.grad((x: tf.Tensor) => tf.sum(tf.maxPool(x as tf.Tensor4D, 3, 2, 'same')) as tf.Scalar)(
        tf.ones([1, 6, 6, 2]),
      ),
    );
  });

  const losses: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
    softmax: (x) => tf.mul(tf.softmax(x), tf.softmax(x)),
    logSoftmax: (x) => tf.logSoftmax(x),
    elu: (x) => tf.elu(x),
    sigmoid: (x) => tf.sigmoid(x),
    tanh: (x) => tf.tanh(x),
    mean: (x) => tf.square(tf.mean(x, 1)),
    max: (x) => tf.max(x, 1),
    matMul: (x) => tf.matMul(x as tf.Tensor2D, tf.transpose(x) as tf.Tensor2D),
    'slice, pad and concat': (x) =>
      tf.concat(
        [
          tf.slice(x, [0, 1], [-1, 2]),
          tf.pad(tf.square(x), [
            [0, 0],
            [1, 1],
          ]),
        ],
        1,
      ),
    'division and powers': (x) => tf.div(tf.pow(x, 2), tf.sqrt(tf.add(tf.square(x), 1))),
    'a broadcast bias': (x) => tf.mul(x, tf.mean(x, 0)),
  };

  test.each(Object.entries(losses))('%s', async (_, net) => {
    await expectParity(() =>
      tf.grad((x: tf.Tensor) => tf.sum(tf.mul(net(x), 0.7)) as tf.Scalar)(randomTensor([4, 5], 3)),
    );
  });
});

describe('optimizers agree with the CPU backend over several steps', () => {
  const optimizers: Readonly<Record<string, () => tf.Optimizer>> = {
    sgd: () => tf.train.sgd(0.1),
    momentum: () => tf.train.momentum(0.1, 0.9, true),
    adam: () => tf.train.adam(0.05),
    adamax: () => tf.train.adamax(0.05),
    adagrad: () => tf.train.adagrad(0.1),
    adadelta: () => tf.train.adadelta(0.5),
    rmsprop: () => tf.train.rmsprop(0.05),
  };

  test.each(Object.entries(optimizers))('%s', async (_, make) => {
    await expectParity(() => {
      const weights = tf.variable(randomTensor([3, 2], 1));
      const bias = tf.variable(tf.zeros([2]));
      const optimizer = make();
      const x = randomTensor([8, 3], 2) as tf.Tensor2D;
      for (let step = 0; step < 4; step++) {
        optimizer.minimize(
          () =>
            tf.mean(tf.square(tf.sub(tf.add(tf.matMul(x, weights as tf.Tensor2D), bias), 1))) as tf.Scalar,
          false,
          [weights, bias],
        );
      }
      const results = [tf.clone(weights), tf.clone(bias)];
      for (const each of [weights, bias, optimizer]) each.dispose();
      return results;
    });
  });
});
