import {
  broadcastTo,
  div,
  type GradConfig,
  Mean,
  type NamedAttrMap,
  registerGradient,
  reshape,
  Sum,
  type Tensor,
  util,
} from '@tensorflow/tfjs-core';

/**
 * TensorFlow.js spreads the gradient of a sum or a mean by multiplying it with a tensor of ones as large as the input,
 * which it fills in JavaScript at every step: megabytes for an image, and work for the garbage collector. A broadcast
 * says the same on every backend, and costs ours nothing.
 */
export function registerLeanGradients(): void {
  registerGradient(spreading(Sum, () => 1));
  registerGradient(spreading(Mean, (shape, axes) => axes.reduce((size, axis) => size * shape[axis]!, 1)));
}

function spreading(
  kernelName: string,
  divisorOf: (shape: readonly number[], axes: readonly number[]) => number,
): GradConfig {
  return {
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (dy: Tensor | Tensor[], saved: Tensor[], attributes: NamedAttrMap) => {
      const { shape } = saved[0]!;
      const axes = util.parseAxisParam(attributes.axis as number | number[], shape);
      const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
      return {
        x: () => broadcastTo(div(reshape(dy as Tensor, kept), divisorOf(shape, axes)), shape as [number]),
      };
    },
  };
}
