/** Convolutions of single channels and dilated ones; see `gradient-parity.test.ts` for the others. */
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { portable } from '../domain/lowering/rule.ts';
import { disagreement, randomTensor, relativeErrorMax } from '../testing/parity.ts';
import { useOnnxBackend } from './register-backend.ts';

async function expectParity(compute: () => tf.Tensor | readonly tf.Tensor[]): Promise<void> {
  expect((await disagreement(compute)).error).toBeLessThanOrEqual(relativeErrorMax);
}

const length = (max: number) => fc.integer({ min: 1, max });
const window = fc.record({
  n: length(3),
  height: fc.integer({ min: 5, max: 9 }),
  width: fc.integer({ min: 5, max: 9 }),
  channels: length(4),
  multiplier: length(3),
  kernel: fc.tuple(length(4), length(4)),
  stride: fc.tuple(length(3), length(3)),
  pad: fc.constantFrom('same' as const, 'valid' as const),
  seed: fc.nat(),
});
const dilation = fc.tuple(length(3), length(3)).filter(([rows, columns]) => rows * columns > 1);
const runs = { numRuns: 20 };

type Net = (...inputs: tf.Tensor[]) => tf.Tensor;
const gradientsOf = (net: Net, inputs: tf.Tensor[]): tf.Tensor[] =>
  tf.grads((...given: tf.Tensor[]) => tf.sum(tf.square(tf.sigmoid(net(...given)))) as tf.Scalar)(inputs);

describe('convolutions of single channels agree with the CPU backend', () => {
  test('forward and in their gradients', async () => {
    await fc.assert(
      fc.asyncProperty(window, ({ n, height, width, channels, multiplier, kernel, stride, pad, seed }) =>
        expectParity(() => {
          const x = randomTensor([n, height, width, channels], seed);
          const filter = randomTensor([...kernel, channels, multiplier], seed + 1);
          const net: Net = (image, weights) =>
            tf.depthwiseConv2d(image as tf.Tensor4D, weights as tf.Tensor4D, stride, pad);
          return [net(x, filter), ...gradientsOf(net, [x, filter])];
        }),
      ),
      runs,
    );
  });

  test('fused with bias and activation, and dilated forward', async () => {
    await fc.assert(
      fc.asyncProperty(window, dilation, ({ n, channels, multiplier, kernel, pad, seed }, dilations) =>
        expectParity(() => {
          const x = randomTensor([n, 12, 13, channels], seed) as tf.Tensor4D;
          const filter = randomTensor([...kernel, channels, multiplier], seed + 1) as tf.Tensor4D;
          const bias = randomTensor([channels * multiplier], seed + 2);
          const common = { x, filter, strides: 1, pad } as const;
          return [
            tf.fused.depthwiseConv2d({ ...common, bias, activation: 'relu' }),
            tf.depthwiseConv2d(x, filter, 1, pad, 'NHWC', dilations),
          ];
        }),
      ),
      runs,
    );
  });

  test('as separable ones, with gradients of both filters', async () => {
    await fc.assert(
      fc.asyncProperty(window, ({ n, height, width, channels, multiplier, kernel, stride, pad, seed }) =>
        expectParity(() => {
          const x = randomTensor([n, height, width, channels], seed);
          const depthwise = randomTensor([...kernel, channels, multiplier], seed + 1);
          const pointwise = randomTensor([1, 1, channels * multiplier, 5], seed + 2);
          return gradientsOf(
            (image, deep, point) =>
              tf.separableConv2d(
                image as tf.Tensor4D,
                deep as tf.Tensor4D,
                point as tf.Tensor4D,
                stride,
                pad,
              ),
            [x, depthwise, pointwise],
          );
        }),
      ),
      runs,
    );
  });

  test('in operations that go into files', async () => {
    const backend = await useOnnxBackend();
    const { target } = backend;
    backend.target = portable;
    try {
      await expectParity(() => {
        const x = randomTensor([2, 8, 8, 16], 1);
        const filter = randomTensor([3, 3, 16, 1], 2);
        const net: Net = (image, weights) =>
          tf.depthwiseConv2d(image as tf.Tensor4D, weights as tf.Tensor4D, 2, 'same');
        return gradientsOf(net, [x, filter]);
      });
    } finally {
      backend.target = target;
    }
  });

  test('as layers that learn', async () => {
    await useOnnxBackend();
    const model = tfl.sequential({
      layers: [
        tfl.layers.separableConv2d({ filters: 16, kernelSize: 3, inputShape: [8, 8, 3], activation: 'relu' }),
        tfl.layers.depthwiseConv2d({ kernelSize: 3, activation: 'relu' }),
        tfl.layers.globalAveragePooling2d({}),
        tfl.layers.dense({ units: 1 }),
      ],
    });
    model.compile({ optimizer: tf.train.adam(0.05), loss: 'meanSquaredError' });
    const x = tf.mul(randomTensor([32, 8, 8, 3], 5), 0.5);
    const y = tf.reshape(tf.mean(tf.square(x), [1, 2, 3]), [32, 1]);
    const { history } = await model.fit(x, y, { epochs: 30, batchSize: 32, verbose: 0 });
    expect(history.loss!.at(-1)).toBeLessThan((history.loss![0] as number) / 4);
    model.dispose();
    tf.dispose([x, y]);
  });
});

/** The same filter with zeros where a dilated one has nothing: what every backend has gradients of. */
function spread(filter: tf.Tensor, [rows, columns]: readonly [number, number]): tf.Tensor {
  const [height, width, inner, outer] = filter.shape as [number, number, number, number];
  const apart = tf.reshape(filter, [height, 1, width, 1, inner, outer]);
  const padded = tf.pad(apart, [
    [0, 0],
    [0, rows - 1],
    [0, 0],
    [0, columns - 1],
    [0, 0],
    [0, 0],
  ]);
  const whole = tf.reshape(padded, [height * rows, width * columns, inner, outer]);
  return tf.slice(whole, [0, 0, 0, 0], [(height - 1) * rows + 1, (width - 1) * columns + 1, inner, outer]);
}

describe('gradients of dilated convolutions', () => {
  test.each([
    ['conv2d', tf.conv2d],
    ['depthwiseConv2d', tf.depthwiseConv2d],
  ] as const)('%s: those of a filter with holes', async (name, convolve) => {
    await fc.assert(
      fc.asyncProperty(
        window,
        dilation,
        async ({ n, channels, multiplier, kernel, pad, seed }, dilations) => {
          await useOnnxBackend();
          tf.tidy(() => {
            // Some with channels that fill blocks.
            const inner = channels === 4 ? 16 : channels;
            const x = randomTensor([n, 12, 13, inner], seed);
            const outer = name === 'conv2d' && multiplier === 3 ? 16 : multiplier;
            const filter = randomTensor([...kernel, inner, outer], seed + 1, 0.5);
            const of = (image: tf.Tensor, weights: tf.Tensor, by: [number, number]) =>
              convolve(image as tf.Tensor4D, weights as tf.Tensor4D, 1, pad, 'NHWC', by);
            const ours = gradientsOf((image, weights) => of(image!, weights!, dilations), [x, filter]);
            const known = gradientsOf(
              (image, weights) => of(image!, spread(weights!, dilations), [1, 1]),
              [x, filter],
            );
            ours.forEach((gradient, at) => {
              const scale = tf.max(tf.abs(known[at]!)).dataSync()[0]!;
              const error = tf.max(tf.abs(tf.sub(gradient, known[at]!))).dataSync()[0]!;
              expect(error).toBeLessThanOrEqual(relativeErrorMax * Math.max(scale, 1e-3));
            });
          });
        },
      ),
      runs,
    );
  });

  test('are refused on a backend whose kernels leave the dilation out', async () => {
    await useOnnxBackend();
    await tf.setBackend('cpu');
    const compute = () =>
      gradientsOf(
        (image, weights) => tf.conv2d(image as tf.Tensor4D, weights as tf.Tensor4D, 1, 'same', 'NHWC', 2),
        [randomTensor([1, 6, 6, 1], 1), randomTensor([3, 3, 1, 1], 2)],
      );
    expect(() => tf.tidy(compute)).toThrow('dilation');
    await useOnnxBackend();
  });
});
