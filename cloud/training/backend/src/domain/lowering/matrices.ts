import type { _FusedMatMulAttrs, BatchMatMulAttrs } from '@tensorflow/tfjs-core';
import { multiplyMatrices, reshape, swapLastTwo } from '../graph/build.ts';
import type { Value } from '../graph/value.ts';
import { activate } from './activation.ts';
import { add } from './arithmetic.ts';
import type { Binary, Rules } from './rule.ts';

interface FusedInputs extends Binary {
  readonly bias?: Value;
  readonly preluActivationWeights?: Value;
}

export const matrixRules: Rules = {
  BatchMatMul: ({ a, b }: Binary, { transposeA, transposeB }: BatchMatMulAttrs) =>
    multiply(a, b, transposeA, transposeB),
  _FusedMatMul: (inputs: FusedInputs, attributes: _FusedMatMulAttrs) => {
    const product = multiply(inputs.a, inputs.b, attributes.transposeA, attributes.transposeB);
    const biased = inputs.bias ? add(product, inputs.bias) : product;
    return activate(biased, attributes.activation, inputs.preluActivationWeights, attributes.leakyreluAlpha);
  },
};

function multiply(a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
  const left = transposeA ? swapLastTwo(a) : a;
  const right = transposeB ? swapLastTwo(b) : b;
  // TensorFlow.js makes every product a batch. One of a single matrix each stays a plain product.
  if (left.shape.length !== 3 || left.shape[0] !== 1 || right.shape[0] !== 1) {
    return multiplyMatrices(left, right);
  }
  const product = multiplyMatrices(reshape(left, left.shape.slice(1)), reshape(right, right.shape.slice(1)));
  return reshape(product, [1, ...product.shape]);
}
