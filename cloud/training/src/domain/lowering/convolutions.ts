/**
 * Convolutions and their gradients, [n, height, width, channels] outside and [n, channels, height, width] inside.
 *
 * The filter's gradient is Σ over images of patches · gradientᵀ. The patches (im2col) are themselves a convolution, with
 * a filter that picks one pixel per output channel: ONNX has no operation of its own for them.
 */
import {
  backend_util,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropInputAttrs,
  type FusedConv2DAttrs,
} from '@tensorflow/tfjs-core';
import { constantNumbers, multiplyMatrices, reshape, swapLastTwo, transpose } from '../graph/build.ts';
import { channelsFirst, channelsLast } from '../graph/layout.ts';
import { reduce } from '../graph/reduce.ts';
import { type Attributes, resultOf, type Value } from '../graph/value.ts';
import { activate } from './activation.ts';
import { add, convolutionWithBias } from './arithmetic.ts';
import type { Rules } from './rule.ts';

type Shape4 = [number, number, number, number];
type Info = backend_util.Conv2DInfo;

interface FusedInputs {
  readonly x: Value;
  readonly filter: Value;
  readonly bias?: Value;
  readonly preluActivationWeights?: Value;
}

export const convolutionRules: Rules = {
  Conv2D: ({ x, filter }: { x: Value; filter: Value }, attributes: Conv2DAttrs) =>
    convolve(x, filter, attributes),
  FusedConv2D: (inputs: FusedInputs, attributes: FusedConv2DAttrs) => {
    const plain = convolve(inputs.x, inputs.filter, attributes);
    const biased = inputs.bias ? (convolutionWithBias(plain, inputs.bias) ?? add(plain, inputs.bias)) : plain;
    return activate(biased, attributes.activation, inputs.preluActivationWeights, attributes.leakyreluAlpha);
  },
  Conv2DBackpropInput: (
    { dy, filter }: { dy: Value; filter: Value },
    attributes: Conv2DBackpropInputAttrs,
  ) => {
    const info = infoOf(attributes.inputShape, filter.shape as Shape4, attributes);
    const shape = [info.batchSize, info.inChannels, info.inHeight, info.inWidth];
    const result = resultOf('ConvTranspose', [channelsFirst(dy), filterFirst(filter)], dy.type, shape, {
      ...windowOf(info),
      // What the forward pass left over at the far edges has a gradient of zero.
      output_padding: {
        ints: [
          info.inHeight -
            coveredOf(
              info.outHeight,
              info.strideHeight,
              info.filterHeight,
              info.padInfo.top,
              info.padInfo.bottom,
            ),
          info.inWidth -
            coveredOf(
              info.outWidth,
              info.strideWidth,
              info.filterWidth,
              info.padInfo.left,
              info.padInfo.right,
            ),
        ],
      },
    });
    return channelsLast(result);
  },
  Conv2DBackpropFilter: ({ x, dy }: { x: Value; dy: Value }, attributes: Conv2DBackpropFilterAttrs) => {
    const info = infoOf(x.shape as Shape4, attributes.filterShape, attributes);
    const pixels = info.outHeight * info.outWidth;
    const gradient = reshape(channelsFirst(dy), [info.batchSize, info.outChannels, pixels]);
    const columns = patches(channelsFirst(x), info);
    const perImage = multiplyMatrices(columns, swapLastTwo(gradient));
    const sum = reduce('ReduceSum', perImage, [0], false);
    const { inChannels, filterHeight, filterWidth, outChannels } = info;
    return transpose(reshape(sum, [inChannels, filterHeight, filterWidth, outChannels]), [1, 2, 0, 3]);
  },
};

function convolve(x: Value, filter: Value, attributes: Conv2DAttrs): Value {
  const info = infoOf(x.shape as Shape4, filter.shape as Shape4, attributes, attributes.dilations);
  const shape = [info.batchSize, info.outChannels, info.outHeight, info.outWidth];
  return channelsLast(
    resultOf('Conv', [channelsFirst(x), filterFirst(filter)], x.type, shape, windowOf(info)),
  );
}

/** The pixels under each position of the window: [n, c, h, w] → [n, c·kh·kw, positions]. */
export function patches(x: Value, info: Info): Value {
  const { inChannels, filterHeight, filterWidth, outHeight, outWidth } = info;
  const window = filterHeight * filterWidth;
  const result = resultOf(
    'Conv',
    [x, pickingFilter(info)],
    x.type,
    [info.batchSize, inChannels * window, outHeight, outWidth],
    { ...windowOf(info), group: { int: inChannels } },
  );
  return reshape(result, [info.batchSize, inChannels * window, outHeight * outWidth]);
}

/** For each channel, as many filters as the window has pixels; each copies one of them. */
export function pickingFilter({ inChannels, filterHeight, filterWidth }: Info): Value {
  const window = filterHeight * filterWidth;
  const numbers = new Array<number>(inChannels * window * window).fill(0);
  for (let at = 0; at < inChannels * window; at++) numbers[at * window + (at % window)] = 1;
  return constantNumbers('float32', [inChannels * window, 1, filterHeight, filterWidth], numbers);
}

/** [kh, kw, in, out] → [out, in, kh, kw] */
function filterFirst(filter: Value): Value {
  return transpose(filter, [3, 2, 0, 1]);
}

export function windowOf(info: Info): Attributes {
  const { top, left, bottom, right } = info.padInfo;
  return {
    dilations: { ints: [info.dilationHeight, info.dilationWidth] },
    kernel_shape: { ints: [info.filterHeight, info.filterWidth] },
    pads: { ints: [top, left, bottom, right] },
    strides: { ints: [info.strideHeight, info.strideWidth] },
  };
}

export function coveredOf(
  out: number,
  stride: number,
  filter: number,
  before: number,
  after: number,
): number {
  return stride * (out - 1) + filter - before - after;
}

type WindowAttributes = Pick<Conv2DBackpropFilterAttrs, 'strides' | 'pad' | 'dataFormat' | 'dimRoundingMode'>;

function infoOf(
  input: Shape4,
  filter: Shape4,
  attributes: WindowAttributes,
  dilations: Conv2DAttrs['dilations'] = 1,
): Info {
  if (attributes.dataFormat === 'NCHW') throw new Error('no rule for convolutions with channels first');
  const { strides, pad, dimRoundingMode } = attributes;
  return backend_util.computeConv2DInfo(input, filter, strides, dilations, pad, dimRoundingMode, false);
}
