/**
 * The kernel that TensorFlow.js' WASM backend lacks (4.22) and gradients need, of what it has: without it nothing with a
 * convolution can be trained there, and there would be no figure to hold ours against. For the bench alone.
 */
import {
  backend_util,
  conv2d,
  getKernel,
  type NamedAttrMap,
  pad,
  registerKernel,
  slice,
  type Tensor,
  type Tensor4D,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';

const backendName = 'wasm';
export const missingKernel = 'Conv2DBackpropFilter';

/** Once in a process. */
export function registerWasmGradient(): void {
  if (getKernel(missingKernel, backendName) !== undefined) return;
  registerKernel({
    ...{ kernelName: missingKernel, backendName },
    // What operations hand to a kernel are tensors, and may be handed on.
    kernelFunc: ({ inputs, attrs }) =>
      tidy(() => filterGradient(inputs as unknown as FilterGradient, attrs as NamedAttrMap)),
  });
}

interface FilterGradient {
  readonly x: Tensor4D;
  readonly dy: Tensor4D;
}

/** Again a convolution: of the images by the gradient, with batch and channels exchanged and the stride as dilation. */
function filterGradient({ x, dy }: FilterGradient, attributes: NamedAttrMap): Tensor {
  const filterShape = attributes.filterShape as [number, number, number, number];
  const strides = attributes.strides as [number, number];
  const padding = attributes.pad as 'same' | 'valid' | number;
  const { padInfo } = backend_util.computeConv2DInfo(x.shape, filterShape, strides, 1, padding);
  const around: [number, number][] = [
    [0, 0],
    [padInfo.top, padInfo.bottom],
    [padInfo.left, padInfo.right],
    [0, 0],
  ];
  const images = transpose(pad(x, around), [3, 1, 2, 0]) as Tensor4D;
  const gradient = transpose(dy, [1, 2, 0, 3]) as Tensor4D;
  const sums = conv2d(images, gradient, 1, 'valid', 'NHWC', strides);
  const [rows, columns, channels, filters] = filterShape;
  return transpose(slice(sums, [0, 0, 0, 0], [channels, rows, columns, filters]), [1, 2, 0, 3]);
}
