import { expect, test } from 'vitest';
import { quantizeFilter } from './quantize-filter.ts';
import { roundingBy } from './round-together.ts';

/** Two channels in, one out, 1×1: with a largest weight of 127 a step is 1, so that 0.4 is rounded to 0. */
const filter = Float32Array.of(127, 0.4);
const inputScale = 0.001;
/** Inputs that have nothing to do with each other: each weight is rounded for itself. */
const rounding = roundingBy(Float64Array.of(1, 0, 0, 1));

test('takes from the bias what rounding the weights adds on the mean', () => {
  const bias = Float32Array.of(2);
  const plain = quantizeFilter(filter, bias, inputScale);
  const corrected = quantizeFilter(filter, bias, inputScale, { means: Float64Array.of(0, 10), rounding });
  expect(corrected.weights).toEqual(plain.weights);
  expect([...plain.weights]).toEqual([127, 0]);
  // The second weight became 0: on the mean 0.4 · 10 is missing.
  expect(plain.bias[0]! * inputScale).toBeCloseTo(2, 2);
  expect(corrected.bias[0]! * inputScale).toBeCloseTo(6, 2);
});
