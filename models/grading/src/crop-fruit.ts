import type { Frame } from './frame.ts';
import type { FruitBlob } from './fruit-blob.ts';
import { cropOutline } from './kernel.ts';
import type { Standardiser } from './standardiser.ts';

/** The fruit's larger diameter as a share of the crop's side. */
export const cropFill = 0.92;

/** Of the crop in hand: pixels of the frame for one of the crop. An object, as `RayBox` is. */
const scale = { step: 0.5 };

/**
 * Writes the standard crop of a fruit, uint8 [size, size, 3] RGB, into `out` from `offset`: the fruit's larger
 * diameter fills 0.92 of the crop, its centre is the crop's centre, and what is outside its outline is 0.
 * Pixels are averaged by a triangle as wide as a crop pixel, so that nothing is skipped when the fruit shrinks. Its colours are
 * those of the frame unless there is a `standardiser`, which has looked at that frame.
 */
export function cropFruit(
  frame: Frame,
  blob: FruitBlob,
  size: number,
  out: Uint8Array,
  offset = 0,
  standardiser?: Standardiser,
): void {
  scale.step = (2 * blob.semiMajorPx) / (cropFill * size);
  cropOutline(frame, blob, scale, size, out, offset);
  standardiser?.apply(out, size, offset);
}
