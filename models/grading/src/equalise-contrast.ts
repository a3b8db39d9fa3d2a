/**
 * Contrast-limited histogram equalisation (Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV,
 * 1994) of the luma of a fruit's own pixels, as one tile. More tiles would level what is darker than its surroundings over a good part of the fruit,
 * and that is what a bruise is; a tile of so small a crop is a bruise's size.
 */

const levels = 256;
/** A level counts for so many times its even share at most, so that contrast is raised no further: noise, too. */
const clipLimit = 2;
const counts = new Float64Array(levels);
/** What each luma is multiplied by. */
const factors = new Float64Array(levels);

/** In place, uint8 [size, size, 3] from `offset`. Hue and saturation stay; so does black, which is no fruit. */
export function equaliseContrast(crops: Uint8Array, size: number, offset = 0): void {
  const end = offset + size * size * 3;
  counts.fill(0);
  let pixels = 0;
  for (let at = offset; at < end; at += 3) {
    const red = crops[at]!;
    const green = crops[at + 1]!;
    const blue = crops[at + 2]!;
    if ((red | green | blue) === 0) continue;
    counts[lumaOf(red, green, blue)]! += 1;
    pixels++;
  }
  if (pixels === 0) return;
  tabulate(pixels);
  for (let at = offset; at < end; at += 3) {
    const red = crops[at]!;
    const green = crops[at + 1]!;
    const blue = crops[at + 2]!;
    if ((red | green | blue) === 0) continue;
    // All channels by the same factor, as far as the brightest one allows.
    const factor = Math.min(factors[lumaOf(red, green, blue)]!, (levels - 1) / Math.max(red, green, blue));
    const r = rounded(red * factor);
    const g = rounded(green * factor);
    const b = rounded(blue * factor);
    // What was fruit is not masked out for being dark.
    const least = (r | g | b) === 0 ? 1 : 0;
    crops[at] = r | least;
    crops[at + 1] = g | least;
    crops[at + 2] = b | least;
  }
}

/** Each luma becomes its place in the clipped counts, what was clipped being shared by all levels alike. */
function tabulate(pixels: number): void {
  const limit = (clipLimit * pixels) / levels;
  let clipped = 0;
  for (let luma = 0; luma < levels; luma++) {
    if (counts[luma]! <= limit) continue;
    clipped += counts[luma]! - limit;
    counts[luma] = limit;
  }
  const share = clipped / levels;
  let below = 0;
  for (let luma = 0; luma < levels; luma++) {
    below += counts[luma]! + share;
    factors[luma] = rounded(((levels - 1) * below) / pixels) / Math.max(1, luma);
  }
}

function rounded(value: number): number {
  return (value + 0.5) | 0;
}

function lumaOf(red: number, green: number, blue: number): number {
  return (77 * red + 150 * green + 29 * blue) >> 8;
}
