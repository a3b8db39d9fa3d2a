/**
 * Convolutions that look at each channel by itself, with `mult` filters for each: grouped convolutions of ONNX. The filter's gradient
 * is the product of each channel's patches with its own part of the gradient. A separable convolution is one of these and one of 1×1.
 */
import type {
  DepthwiseConv2dNativeAttrs,
  DepthwiseConv2dNativeBackpropFilterAttrs,
  DepthwiseConv2dNativeBackpropInputAttrs,
  FusedDepthwiseConv2DAttrs,
} from '@tensorflow/tfjs-core';
import { multiplyMatrices, reshape, swapLastTwo, transpose } from '../graph/build.ts';
import { channelsFirst, inLayout } from '../graph/layout.ts';
import { reduce } from '../graph/reduce.ts';
import { resultOf, type Value } from '../graph/value.ts';
import { activate } from './activation.ts';
import { add } from './arithmetic.ts';
import type { Rules } from './rule.ts';
import { patches } from './standard-convolutions.ts';
import { depthwiseWindowOf, spansOf, uncoveredOf, type Window, windowAttributes } from './window.ts';

interface Inputs {
  readonly x: Value;
  readonly filter: Value;
}

interface FusedInputs extends Inputs {
  readonly bias?: Value;
  readonly preluActivationWeights?: Value;
}

export const depthwiseRules: Rules = {
  DepthwiseConv2dNative: ({ x, filter }: Inputs, attributes: DepthwiseConv2dNativeAttrs) =>
    forward(x, filter, depthwiseWindowOf(x.shape, filter.shape, attributes)),
  FusedDepthwiseConv2D: (
    { x, filter, bias, preluActivationWeights }: FusedInputs,
    attributes: FusedDepthwiseConv2DAttrs,
  ) => {
    const plain = forward(x, filter, depthwiseWindowOf(x.shape, filter.shape, attributes));
    const biased = bias ? add(plain, bias) : plain;
    return activate(biased, attributes.activation, preluActivationWeights, attributes.leakyreluAlpha);
  },
  DepthwiseConv2dNativeBackpropInput: (
    { dy, filter }: { dy: Value; filter: Value },
    attributes: DepthwiseConv2dNativeBackpropInputAttrs,
  ) => inputGradient(dy, filter, depthwiseWindowOf(attributes.inputShape, filter.shape, attributes)),
  DepthwiseConv2dNativeBackpropFilter: (
    { x, dy }: { x: Value; dy: Value },
    attributes: DepthwiseConv2dNativeBackpropFilterAttrs,
  ) => filterGradient(x, dy, depthwiseWindowOf(x.shape, attributes.filterShape, attributes)),
};

/** `x` [n, h, w, in], `filter` [h, w, in, mult] → [n, h, w, in · mult] */
function forward(x: Value, filter: Value, window: Window): Value {
  const shape = [window.batchSize, window.outChannels, window.outHeight, window.outWidth];
  const inputs = [inLayout(x, channelsFirst), filterByChannel(filter, window)];
  const attributes = { ...windowAttributes(window), group: { int: window.inChannels } };
  return channelsFirst.unpack(resultOf('Conv', inputs, x.type, shape, attributes));
}

/** `dy` [n, h, w, in · mult] → gradient [n, h, w, in] */
function inputGradient(dy: Value, filter: Value, window: Window): Value {
  const shape = [window.batchSize, window.inChannels, window.inHeight, window.inWidth];
  const inputs = [inLayout(dy, channelsFirst), filterByChannel(filter, window)];
  const attributes = {
    ...windowAttributes(window),
    group: { int: window.inChannels },
    output_padding: { ints: spansOf(window).map(uncoveredOf) },
  };
  return channelsFirst.unpack(resultOf('ConvTranspose', inputs, dy.type, shape, attributes));
}

/** `x` [n, h, w, in], `dy` [n, h, w, in · mult] → gradient [h, w, in, mult] */
function filterGradient(x: Value, dy: Value, window: Window): Value {
  const { batchSize, inChannels, outChannels, filterHeight, filterWidth, outHeight, outWidth } = window;
  const multiplier = outChannels / inChannels;
  const positions = outHeight * outWidth;
  const gradient = reshape(inLayout(dy, channelsFirst), [batchSize, inChannels, multiplier, positions]);
  const pixels = reshape(patches(inLayout(x, channelsFirst), window), [
    ...[batchSize, inChannels],
    ...[filterHeight * filterWidth, positions],
  ]);
  const sum = reduce('ReduceSum', multiplyMatrices(pixels, swapLastTwo(gradient)), [0], false);
  return transpose(reshape(sum, [inChannels, filterHeight, filterWidth, multiplier]), [1, 2, 0, 3]);
}

/** [kh, kw, in, mult] → [in · mult, 1, kh, kw] */
function filterByChannel(filter: Value, { outChannels, filterHeight, filterWidth }: Window): Value {
  return reshape(transpose(filter, [2, 3, 0, 1]), [outChannels, 1, filterHeight, filterWidth]);
}
