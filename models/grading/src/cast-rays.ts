import type { FruitBox } from './fruit-blob.ts';
import * as kernel from './kernel.ts';
import { cellPx } from './line-background.ts';
import { stickOut } from './repair-outline.ts';

/**
 * In the frame that the background last looked at, for each of `count` rays the distance from (x, y) to the outermost fruit within
 * the box, two pixels of it in a row; NaN where the frame's edge cuts the fruit, or there is none. With a `model` of the
 * outline the rays start just beyond what is a stem by that model, not at the box: what is further out, and where exactly
 * a stem ends, is of no use.
 */
export function castRays(
  box: FruitBox,
  x: number,
  y: number,
  count: number,
  model?: Float32Array,
): Float32Array {
  const margin = cellPx + 1;
  const reachX = (box.right - box.left) / 2 + margin;
  const reachY = (box.bottom - box.top) / 2 + margin;
  return kernel.castRays(x, y, reachX, reachY, count, model?.map((radius) => radius * (1 + stickOut)));
}
