/**
 * Rounding as an integer kernel rounds, which learns as if it did not: the gradient goes straight through (Bengio, Léonard and Courville 2013; for
 * whole networks Jacob et al. 2018, section 3).
 */
import {
  abs,
  clipByValue,
  customGrad,
  div,
  max,
  maximum,
  mul,
  round,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** A filter [rows, columns, channels, filters] in int8, symmetric, with a scale for each filter. */
export function roundedFilter(filter: Tensor): Tensor {
  return straightThrough(filter, (x) => {
    // A filter that is nothing but zeros fits any scale.
    const scale = maximum(div(max(abs(x), [0, 1, 2]), 127), 1e-12);
    return mul(round(div(x, scale)), scale);
  });
}

/** What a ReLU gives, in uint8 of 0 to `high`. What is cut off learns nothing. */
export function roundedActivation(x: Tensor, high: number): Tensor {
  const step = high / 255;
  return straightThrough(clipByValue(x, 0, high), (clipped) => mul(round(div(clipped, step)), step));
}

function straightThrough(x: Tensor, rounded: (x: Tensor) => Tensor): Tensor {
  const estimate = customGrad((value) => ({
    value: rounded(value as Tensor),
    gradFunc: (gradient: Tensor) => gradient,
  }));
  return estimate(x);
}
