import { sampleLuma } from './kernel.ts';

/** Every third pixel of every third row: a ninth of them says how a picture is, at a ninth of the cost. */
const everyPixel = 3;

/** Where `samplePicture` leaves its figures. */
export interface PictureSample {
  /** Standard deviation of luma, 0..128. */
  contrast: number;
  /** Variance of luma's Laplacian (4 neighbours), luma squared. */
  sharpness: number;
}

/**
 * Contrast and sharpness of the crop uint8 [size, size, 3] at `offset`, as `viewFeatures` and the feature store have them of all pixels inside the fruit's mask; black is outside. Returns
 * whether there was enough of a fruit. Runs on the device for some views of each fruit, and allocates nothing.
 */
export function samplePicture(crops: Uint8Array, offset: number, size: number, out: PictureSample): boolean {
  const sums = sampleLuma(crops, offset, size, everyPixel);
  const inside = sums[3]!;
  if (inside === 0) return false;
  out.contrast = Math.sqrt(varianceOf(sums[0]!, sums[1]!, sums[2]!));
  out.sharpness = varianceOf(inside, sums[4]!, sums[5]!);
  return true;
}

/** Of figures that are 256 times too large. */
function varianceOf(count: number, sum: number, squares: number): number {
  return Math.max(0, squares / count - (sum / count) ** 2) / 256 ** 2;
}
