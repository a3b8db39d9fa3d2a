/**
 * Convolutions of 1×1 are matrix products. For an image that is stored in blocks of channels they are products on what is
 * stored, one per block, which leaves it where it is although the result has too few channels for blocks of its own.
 * Each function answers undefined for what it cannot do.
 */
import { multiplyMatrices, reshape, swapLastTwo } from '../graph/build.ts';
import { blocked } from '../graph/layout.ts';
import { reduce } from '../graph/reduce.ts';
import type { Value } from '../graph/value.ts';
import type { Window } from './window.ts';

/** `x` [n, h, w, in], `filter` [1, 1, in, out] */
export function pointwiseForward(x: Value, filter: Value, window: Window): Value | undefined {
  const blocks = blocksOf(x, window);
  if (!blocks) return undefined;
  const { batchSize, outHeight, outWidth, outChannels } = window;
  const products = multiplyMatrices(blocks, filterBlocks(filter, blocks));
  return reshape(reduce('ReduceSum', products, [1], false), [batchSize, outHeight, outWidth, outChannels]);
}

/** `dy` [n, h, w, out] → gradient [n, h, w, in], stored in blocks. */
export function pointwiseInputGradient(
  dy: Value,
  filter: Value,
  window: Window,
  block: number,
): Value | undefined {
  if (!isPointwise(window) || block === 0 || window.inChannels % block !== 0) return undefined;
  const { batchSize, inChannels, inHeight, inWidth } = window;
  const split = reshape(filter, [inChannels / block, block, window.outChannels]);
  const products = multiplyMatrices(pixelsOf(dy, window), swapLastTwo(split));
  return blocked(block).unpack(reshape(products, [batchSize, inChannels / block, inHeight, inWidth, block]));
}

/** `x` [n, h, w, in], `dy` [n, h, w, out] → gradient [1, 1, in, out] */
export function pointwiseFilterGradient(x: Value, dy: Value, window: Window): Value | undefined {
  const blocks = blocksOf(x, window);
  if (!blocks) return undefined;
  // The small factor is the one that is transposed.
  const products = multiplyMatrices(swapLastTwo(pixelsOf(dy, window)), blocks);
  const sum = swapLastTwo(reduce('ReduceSum', products, [0], false));
  return reshape(sum, [1, 1, window.inChannels, window.outChannels]);
}

/** [n, blocks, pixels, block] where the image is stored so. */
function blocksOf({ stored }: Value, window: Window): Value | undefined {
  if (!isPointwise(window) || stored?.value.shape.length !== 5) return undefined;
  const [n, blocks, h, w, block] = stored.value.shape as [number, number, number, number, number];
  return reshape(stored.value, [n, blocks, h * w, block]);
}

function filterBlocks(filter: Value, blocks: Value): Value {
  const [, count, , block] = blocks.shape as [number, number, number, number];
  return reshape(filter, [count, block, filter.shape[3]!]);
}

/** [n, 1, pixels, out], to meet every block. */
function pixelsOf(dy: Value, { batchSize, outHeight, outWidth, outChannels }: Window): Value {
  return reshape(dy, [batchSize, 1, outHeight * outWidth, outChannels]);
}

function isPointwise(window: Window): boolean {
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = window;
  const padding = padInfo.top + padInfo.bottom + padInfo.left + padInfo.right;
  return filterHeight * filterWidth * strideHeight * strideWidth === 1 && padding === 0;
}
