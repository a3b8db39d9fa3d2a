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
 * whether there was enough of a fruit. Runs on the device for some views of each fruit: plain loops that allocate nothing.
 */
export function samplePicture(crops: Uint8Array, offset: number, size: number, out: PictureSample): boolean {
  const row = size * 3;
  let pixels = 0;
  let lumas = 0;
  let lumaSquares = 0;
  let inside = 0;
  let laplacians = 0;
  let squares = 0;
  for (let y = 1; y < size - 1; y += everyPixel) {
    let at = offset + y * row + 3;
    for (let x = 1; x < size - 1; x += everyPixel, at += everyPixel * 3) {
      const centre = luma256(crops, at);
      if (centre === 0) continue;
      pixels++;
      lumas += centre;
      lumaSquares += centre * centre;
      const left = luma256(crops, at - 3);
      const right = luma256(crops, at + 3);
      const above = luma256(crops, at - row);
      const below = luma256(crops, at + row);
      if (left === 0 || right === 0 || above === 0 || below === 0) continue;
      const laplacian = left + right + above + below - 4 * centre;
      inside++;
      laplacians += laplacian;
      squares += laplacian * laplacian;
    }
  }
  if (inside === 0) return false;
  out.contrast = Math.sqrt(varianceOf(pixels, lumas, lumaSquares));
  out.sharpness = varianceOf(inside, laplacians, squares);
  return true;
}

/** Of figures that are 256 times too large. */
function varianceOf(count: number, sum: number, squares: number): number {
  return Math.max(0, squares / count - (sum / count) ** 2) / 256 ** 2;
}

/** 256 times luma. */
function luma256(crops: Uint8Array, at: number): number {
  return 77 * crops[at]! + 150 * crops[at + 1]! + 29 * crops[at + 2]!;
}
