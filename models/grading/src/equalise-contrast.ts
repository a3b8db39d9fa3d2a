/**
 * Contrast-limited histogram equalisation (Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV,
 * 1994) of the luma of a fruit's own pixels, as one tile. More tiles would level what is darker than its surroundings over a good part of the fruit,
 * and that is what a bruise is; a tile of so small a crop is a bruise's size.
 */

const levels = 256;
/** A level counts for so many times its even share at most, so that contrast is raised no further: noise, too. */
const clipLimit = 2;
const counts = new Float64Array(levels);
const table = new Uint8Array(levels);

/** In place, uint8 [size, size, 3] from `offset`. Hue and saturation stay; so does black, which is no fruit. */
export function equaliseContrast(crops: Uint8Array, size: number, offset = 0): void {
  const end = offset + size * size * 3;
  counts.fill(0);
  let pixels = 0;
  for (let at = offset; at < end; at += 3) {
    if (isMasked(crops, at)) continue;
    counts[lumaOf(crops, at)]! += 1;
    pixels++;
  }
  if (pixels === 0) return;
  tabulate(pixels);
  for (let at = offset; at < end; at += 3) {
    if (isMasked(crops, at)) continue;
    const luma = Math.max(1, lumaOf(crops, at));
    const brightest = Math.max(crops[at]!, crops[at + 1]!, crops[at + 2]!);
    // All channels by the same factor, as far as the brightest one allows.
    const factor = Math.min(table[luma]! / luma, (levels - 1) / brightest);
    for (let c = 0; c < 3; c++) crops[at + c] = Math.round(crops[at + c]! * factor);
    // What was fruit is not masked out for being dark.
    if (isMasked(crops, at)) crops.fill(1, at, at + 3);
  }
}

/** What each luma becomes: its place in the clipped counts, what was clipped being shared by all levels alike. */
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
    table[luma] = Math.round(((levels - 1) * below) / pixels);
  }
}

function isMasked(crops: Uint8Array, at: number): boolean {
  return crops[at]! + crops[at + 1]! + crops[at + 2]! === 0;
}

function lumaOf(crops: Uint8Array, at: number): number {
  return (77 * crops[at]! + 150 * crops[at + 1]! + 29 * crops[at + 2]!) >> 8;
}
