/** What the picture of a fruit is like, whatever its grade. Of the pixels inside the fruit's mask; black is outside. */
export interface ViewFeatures {
  /** Mean luma (0.30 R + 0.59 G + 0.11 B) of the sRGB values, 0..255. */
  readonly luma: number;
  /** Means of the channels, sRGB 0..255. */
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** Mean of (max − min) / max of a pixel's channels, 0..1. */
  readonly saturation: number;
  /** Of the mean colour, degrees from −180 to 180: 0 is red, 60 yellow, 120 green. The cut is at cyan, where no fruit is. */
  readonly hue: number;
  /** Variance of luma's Laplacian (4 neighbours) over the pixels whose neighbours are all inside, luma squared. */
  readonly sharpness: number;
  /** Share of the pixels of which a channel is at 0 or at 255, 0..1. */
  readonly clipped: number;
  /** Share of the crop that is fruit, 0..1. */
  readonly coverage: number;
}

const noFruit: ViewFeatures = {
  luma: 0,
  red: 0,
  green: 0,
  blue: 0,
  saturation: 0,
  hue: 0,
  sharpness: 0,
  clipped: 0,
  coverage: 0,
};

/**
 * `crop` uint8 [size, size, 3], RGB, from `offset`; all figures are 0 when there is no fruit in it. Runs on the device
 * for every view, so it is one pass of plain loops, and sharpness one more.
 */
export function viewFeatures(crop: Uint8Array, size: number, offset = 0): ViewFeatures {
  const end = offset + size * size * 3;
  let pixels = 0;
  let reds = 0;
  let greens = 0;
  let blues = 0;
  let saturations = 0;
  let clipped = 0;
  for (let at = offset; at < end; at += 3) {
    const r = crop[at]!;
    const g = crop[at + 1]!;
    const b = crop[at + 2]!;
    const max = Math.max(r, g, b);
    if (max === 0) continue;
    const min = Math.min(r, g, b);
    pixels++;
    reds += r;
    greens += g;
    blues += b;
    saturations += (max - min) / max;
    if (min === 0 || max === 255) clipped++;
  }
  if (pixels === 0) return noFruit;
  const red = reds / pixels;
  const green = greens / pixels;
  const blue = blues / pixels;
  return {
    luma: (77 * red + 150 * green + 29 * blue) / 256,
    red,
    green,
    blue,
    saturation: saturations / pixels,
    hue: hueOf(red, green, blue),
    sharpness: sharpnessOf(crop, size, offset),
    clipped: clipped / pixels,
    coverage: pixels / (size * size),
  };
}

/** Degrees from −180 to 180. Preucil’s hue angle: linear in the channels, so that the mean colour has the mean hue. */
export function hueOf(red: number, green: number, blue: number): number {
  return (Math.atan2(Math.sqrt(3) * (green - blue), 2 * red - green - blue) * 180) / Math.PI;
}

function sharpnessOf(crop: Uint8Array, size: number, offset: number): number {
  const row = size * 3;
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < size - 1; y++) {
    let at = offset + y * row + 3;
    for (let x = 1; x < size - 1; x++, at += 3) {
      const centre = luma(crop, at);
      if (centre === 0) continue;
      const left = luma(crop, at - 3);
      const right = luma(crop, at + 3);
      const above = luma(crop, at - row);
      const below = luma(crop, at + row);
      if (left === 0 || right === 0 || above === 0 || below === 0) continue;
      const laplacian = left + right + above + below - 4 * centre;
      count++;
      sum += laplacian;
      squares += laplacian * laplacian;
    }
  }
  return count === 0 ? 0 : Math.max(0, squares / count - (sum / count) ** 2);
}

function luma(crop: Uint8Array, at: number): number {
  return (77 * crop[at]! + 150 * crop[at + 1]! + 29 * crop[at + 2]!) / 256;
}
