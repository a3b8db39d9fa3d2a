/**
 * Convolutions and their gradients by standard operations: they run on every machine and go into exported files. The
 * filter's gradient is Σ over images of patches · gradientᵀ, and the patches (im2col) are themselves a convolution, with
 * filters that each pick one pixel: ONNX has no operation of its own for them.
 */
import { constantNumbers, multiplyMatrices, reshape, swapLastTwo, transpose } from '../graph/build.ts';
import { channelsFirst, inLayout } from '../graph/layout.ts';
import { reduce } from '../graph/reduce.ts';
import { resultOf, type Value } from '../graph/value.ts';
import { spansOf, uncoveredOf, type Window, windowAttributes } from './window.ts';

/** `x` [n, h, w, in], `filter` [h, w, in, out] */
export function standardForward(x: Value, filter: Value, window: Window): Value {
  const shape = [window.batchSize, window.outChannels, window.outHeight, window.outWidth];
  const inputs = [inLayout(x, channelsFirst), filterFirst(filter)];
  return channelsFirst.unpack(resultOf('Conv', inputs, x.type, shape, windowAttributes(window)));
}

/** `dy` [n, h, w, out], `filter` [h, w, in, out] → gradient [n, h, w, in] */
export function standardInputGradient(dy: Value, filter: Value, window: Window): Value {
  const shape = [window.batchSize, window.inChannels, window.inHeight, window.inWidth];
  const inputs = [inLayout(dy, channelsFirst), filterFirst(filter)];
  const attributes = {
    ...windowAttributes(window),
    output_padding: { ints: spansOf(window).map(uncoveredOf) },
  };
  return channelsFirst.unpack(resultOf('ConvTranspose', inputs, dy.type, shape, attributes));
}

/** `x` [n, h, w, in], `dy` [n, h, w, out] → gradient [h, w, in, out] */
export function standardFilterGradient(x: Value, dy: Value, window: Window): Value {
  const { batchSize, inChannels, filterHeight, filterWidth, outChannels, outHeight, outWidth } = window;
  const gradient = reshape(inLayout(dy, channelsFirst), [batchSize, outChannels, outHeight * outWidth]);
  const perImage = multiplyMatrices(patches(inLayout(x, channelsFirst), window), swapLastTwo(gradient));
  const sum = reduce('ReduceSum', perImage, [0], false);
  return transpose(reshape(sum, [inChannels, filterHeight, filterWidth, outChannels]), [1, 2, 0, 3]);
}

/** The pixels under each position of the window: [n, c, h, w] → [n, c·kh·kw, positions]. */
export function patches(x: Value, window: Window): Value {
  const { batchSize, inChannels, filterHeight, filterWidth, outHeight, outWidth } = window;
  const rows = inChannels * filterHeight * filterWidth;
  const attributes = { ...windowAttributes(window), group: { int: inChannels } };
  const shape = [batchSize, rows, outHeight, outWidth];
  const result = resultOf('Conv', [x, pickingFilter(window)], x.type, shape, attributes);
  return reshape(result, [batchSize, rows, outHeight * outWidth]);
}

/** For each channel, as many filters as the window has pixels; each copies one of them. */
export function pickingFilter({ inChannels, filterHeight, filterWidth }: Window): Value {
  const window = filterHeight * filterWidth;
  const numbers = new Array<number>(inChannels * window * window).fill(0);
  for (let at = 0; at < inChannels * window; at++) numbers[at * window + (at % window)] = 1;
  return constantNumbers('float32', [inChannels * window, 1, filterHeight, filterWidth], numbers);
}

/** [kh, kw, in, out] → [out, in, kh, kw] */
function filterFirst(filter: Value): Value {
  return transpose(filter, [3, 2, 0, 1]);
}
