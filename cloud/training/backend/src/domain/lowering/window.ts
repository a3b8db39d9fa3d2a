import { type backend_util, backend_util as util } from '@tensorflow/tfjs-core';
import type { Attributes } from '../graph/value.ts';

/** Batch, channels, lengths, window, stride and padding of a convolution or pooling, all worked out. */
export type Window = backend_util.Conv2DInfo;
export type Shape4 = [number, number, number, number];

interface ConvolutionAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | backend_util.ExplicitPadding;
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly dilations?: [number, number] | number | null;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

export function windowOf(
  input: readonly number[],
  filter: readonly number[],
  attributes: ConvolutionAttributes,
  isDepthwise = false,
): Window {
  const { strides, pad, dataFormat, dilations, dimRoundingMode } = attributes;
  if (dataFormat === 'NCHW') throw new Error('no rule for convolutions with channels first');
  const [x, f] = [input as Shape4, filter as Shape4];
  return util.computeConv2DInfo(x, f, strides, dilations ?? 1, pad, dimRoundingMode, isDepthwise);
}

/** Of `filter` [h, w, in, mult]; its gradients name no format, as there is one. */
export function depthwiseWindowOf(
  input: readonly number[],
  filter: readonly number[],
  attributes: Omit<ConvolutionAttributes, 'dataFormat'> & Partial<Pick<ConvolutionAttributes, 'dataFormat'>>,
): Window {
  return windowOf(input, filter, { dataFormat: 'NHWC', ...attributes }, true);
}

export function isDilated({ dilationHeight, dilationWidth }: Window): boolean {
  return dilationHeight * dilationWidth > 1;
}

export function windowAttributes(window: Window): Attributes {
  const { top, left, bottom, right } = window.padInfo;
  return {
    dilations: { ints: [window.dilationHeight, window.dilationWidth] },
    kernel_shape: { ints: [window.filterHeight, window.filterWidth] },
    pads: { ints: [top, left, bottom, right] },
    strides: { ints: [window.strideHeight, window.strideWidth] },
  };
}

/** One axis of a window. */
export interface Span {
  readonly input: number;
  readonly output: number;
  readonly filter: number;
  /** Of the filter, with the pixels that its dilation leaves out. */
  readonly reach: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
}

export function spansOf(window: Window): readonly [Span, Span] {
  const { padInfo } = window;
  return [
    {
      input: window.inHeight,
      output: window.outHeight,
      filter: window.filterHeight,
      reach: window.effectiveFilterHeight,
      stride: window.strideHeight,
      before: padInfo.top,
      after: padInfo.bottom,
    },
    {
      input: window.inWidth,
      output: window.outWidth,
      filter: window.filterWidth,
      reach: window.effectiveFilterWidth,
      stride: window.strideWidth,
      before: padInfo.left,
      after: padInfo.right,
    },
  ];
}

/** Pixels at the far edges that no position of the window covers: their gradient is zero. */
export function uncoveredOf({ input, output, reach, stride, before, after }: Span): number {
  return input - (stride * (output - 1) + reach - before - after);
}
