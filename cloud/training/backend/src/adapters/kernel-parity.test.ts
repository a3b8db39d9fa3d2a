import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { disagreement, randomTensor, relativeErrorMax } from '../testing/parity.ts';

const shape = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
const seed = fc.nat();
const runs = { numRuns: 6 };

async function expectParity(compute: () => tf.Tensor | readonly tf.Tensor[]): Promise<void> {
  const { error, shapes } = await disagreement(compute);
  expect(error, `shapes ${shapes.map((each) => `[${each}]`).join(' and ')}`).toBeLessThanOrEqual(
    relativeErrorMax,
  );
}

/** Both operands broadcast against each other: axes of the second are kept, made 1, or left out from the front. */
const broadcastPair = fc
  .tuple(shape, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), fc.nat(3))
  .map(([a, ones, dropped]) => {
    const b = a.map((length, axis) => (ones[axis] ? 1 : length)).slice(Math.min(dropped, a.length - 1));
    return [a, b] as const;
  });

const unary: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  abs: tf.abs,
  ceil: tf.ceil,
  cos: tf.cos,
  erf: tf.erf,
  exp: tf.exp,
  expm1: tf.expm1,
  floor: tf.floor,
  neg: tf.neg,
  reciprocal: tf.reciprocal,
  round: tf.round,
  sigmoid: tf.sigmoid,
  sign: tf.sign,
  sin: tf.sin,
  softplus: tf.softplus,
  square: tf.square,
  tanh: tf.tanh,
  elu: tf.elu,
  selu: tf.selu,
  relu: tf.relu,
  relu6: tf.relu6,
  isNaN: tf.isNaN,
  zerosLike: tf.zerosLike,
  onesLike: tf.onesLike,
  log: (x) => tf.log(tf.abs(x)),
  log1p: (x) => tf.log1p(tf.abs(x)),
  sqrt: (x) => tf.sqrt(tf.abs(x)),
  rsqrt: (x) => tf.rsqrt(tf.add(tf.abs(x), 0.1)),
  leakyRelu: (x) => tf.leakyRelu(x, 0.3),
  step: (x) => tf.step(x),
  'step with a slope': (x) => tf.step(x, 0.25),
  clip: (x) => tf.clipByValue(x, -0.5, 0.75),
  'cast to int32': (x) => tf.cast(x, 'int32'),
  'cast to bool and not': (x) => tf.logicalNot(tf.cast(tf.round(x), 'bool')),
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),
  clone: (x) => tf.clone(x),
  tile: (x) =>
    tf.tile(
      x,
      x.shape.map((_, axis) => (axis % 2) + 1),
    ),
  pad: (x) =>
    tf.pad(
      x,
      x.shape.map((_, axis) => [axis % 3, 1]),
      0.5,
    ),
  reverse: (x) => tf.reverse(x, [0]),
  'transpose all axes': (x) => tf.transpose(x),
  cumsum: (x) => tf.cumsum(x, 0, true, true),
  concat: (x) => tf.concat([x, x], 0),
  stack: (x) => tf.stack([x, x], 1),
  unstack: (x) => tf.add(tf.unstack(x, 0)[0]!, 1),
  fill: (x) => tf.fill(x.shape, 0.75),
  'two transpositions': (x) => tf.transpose(tf.relu(tf.transpose(x))),
};

const binary: Readonly<Record<string, (a: tf.Tensor, b: tf.Tensor) => tf.Tensor>> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  maximum: tf.maximum,
  minimum: tf.minimum,
  squaredDifference: tf.squaredDifference,
  equal: (a, b) => tf.equal(tf.round(a), tf.round(b)),
  notEqual: (a, b) => tf.notEqual(tf.round(a), tf.round(b)),
  less: tf.less,
  lessEqual: tf.lessEqual,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  div: (a, b) => tf.div(a, tf.add(tf.abs(b), 0.2)),
  pow: (a, b) => tf.pow(tf.add(tf.abs(a), 0.1), b),
  mod: (a, b) => tf.mod(a, tf.add(tf.abs(b), 0.5)),
  prelu: (a, b) => tf.prelu(a, b),
  'logical and, or, xor': (a, b) => {
    const [left, right] = [tf.greater(a, 0), tf.greater(b, 0)];
    return tf.logicalXor(tf.logicalAnd(left, right), tf.logicalOr(left, right));
  },
  'floor division': (a, b) => tf.floorDiv(a, tf.add(tf.abs(b), 0.2)),
  'division of integers': (a, b) => {
    const whole = (x: tf.Tensor) => tf.cast(tf.round(tf.mul(x, 9)), 'int32');
    return tf.floorDiv(whole(a), tf.add(tf.abs(whole(b)), tf.scalar(1, 'int32')));
  },
  where: (a, b) => tf.where(tf.greater(a, 0), a, tf.add(tf.zerosLike(a), b)),
  broadcastTo: (a, b) => tf.broadcastTo(b, a.shape),
  addN: (a) => tf.addN([a, a, a]),
};

const reductions: Readonly<Record<string, (x: tf.Tensor, axis: number[], keep: boolean) => tf.Tensor>> = {
  sum: tf.sum,
  mean: tf.mean,
  max: tf.max,
  min: tf.min,
  prod: tf.prod,
  all: (x, axis, keep) => tf.all(tf.greater(x, -1.5), axis, keep),
  any: (x, axis, keep) => tf.any(tf.greater(x, 1.5), axis, keep),
  argMax: (x, axis) => tf.argMax(x, axis[0]),
  argMin: (x, axis) => tf.argMin(x, axis[0]),
};

describe('kernels agree with the CPU backend', () => {
  test.each(Object.entries(unary))('%s', async (_, compute) => {
    await fc.assert(
      fc.asyncProperty(shape, seed, (dims, from) => expectParity(() => compute(randomTensor(dims, from)))),
      runs,
    );
  });

  test.each(Object.entries(binary))('%s, broadcasting', async (_, compute) => {
    await fc.assert(
      fc.asyncProperty(broadcastPair, seed, ([a, b], from) =>
        expectParity(() => compute(randomTensor(a, from), randomTensor(b, from + 1))),
      ),
      runs,
    );
  });

  test.each(Object.entries(reductions))('%s over any axes', async (_, compute) => {
    const axes = shape.chain((dims) =>
      fc.tuple(fc.constant(dims), fc.subarray([...dims.keys()], { minLength: 1 }), fc.boolean()),
    );
    await fc.assert(
      fc.asyncProperty(axes, seed, ([dims, over, keep], from) =>
        expectParity(() => compute(randomTensor(dims, from), over, keep)),
      ),
      runs,
    );
  });

  test('matMul with either side transposed, in batches', async () => {
    const length = fc.integer({ min: 1, max: 6 });
    await fc.assert(
      fc.asyncProperty(
        length,
        length,
        length,
        fc.boolean(),
        fc.boolean(),
        seed,
        (m, k, n, left, right, from) =>
          expectParity(() => {
            const a = randomTensor(left ? [2, k, m] : [2, m, k], from) as tf.Tensor3D;
            const b = randomTensor(right ? [2, n, k] : [2, k, n], from + 1) as tf.Tensor3D;
            const single = tf.matMul(tf.slice(a, 0, 1), tf.slice(b, 0, 1), left, right);
            const fused = tf.fused.matMul({
              a,
              b,
              transposeA: left,
              transposeB: right,
              bias: randomTensor([n], from + 2),
              activation: 'relu',
            });
            return [tf.matMul(a, b, left, right), single, fused];
          }),
      ),
      { numRuns: 10 },
    );
  });

  test('slices, strided slices, splits, gathers and one-hot rows', async () => {
    await fc.assert(
      fc.asyncProperty(seed, (from) =>
        expectParity(() => {
          const x = randomTensor([5, 4, 6], from);
          const indices = tf.tensor1d([3, 0, 3], 'int32');
          return [
            tf.slice(x, [1, 0, 2], [3, 4, 2]),
            tf.stridedSlice(x, [0, 1, 1], [5, 4, 6], [2, 1, 3]),
            ...tf.split(x, [1, 3], 1),
            tf.gather(x, indices, 1),
            tf.oneHot(indices, 5),
            tf.oneHot(indices, 5, 3, -1),
            tf.range(2, 11, 2),
          ];
        }),
      ),
      runs,
    );
  });

  test('element-wise chains behind a convolution', async () => {
    await expectParity(() => {
      const y = tf.conv2d(
        randomTensor([2, 7, 6, 3], 1) as tf.Tensor4D,
        randomTensor([3, 3, 3, 4], 2) as tf.Tensor4D,
        2,
        'same',
      );
      const biased = tf.add(y, randomTensor([4], 3));
      const gated = tf.mul(tf.relu(biased), tf.sigmoid(tf.mul(y, randomTensor([2, 1, 1, 4], 4))));
      const plane = tf.add(gated, randomTensor([4, 3, 1], 5));
      return [
        plane,
        tf.sum(plane, [0, 1, 2]),
        tf.mean(plane, [1, 2]),
        tf.max(plane, [1]),
        tf.mean(plane, [1, 2], true),
      ];
    });
  });

  test('batch normalisation', async () => {
    await expectParity(() =>
      tf.batchNorm(
        randomTensor([2, 3, 3, 4], 1),
        randomTensor([4], 2) as tf.Tensor1D,
        tf.abs(randomTensor([4], 3)),
        randomTensor([4], 4) as tf.Tensor1D,
        randomTensor([4], 5) as tf.Tensor1D,
        0.01,
      ),
    );
  });

  test('a kernel without a rule is named in the error', async () => {
    await expect(disagreement(() => tf.topk(randomTensor([4], 1), 2).values)).rejects.toThrow(/TopK/);
  });
});
