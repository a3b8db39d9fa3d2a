/** What the next calls look at. */

/** uint8 [height, width, 3], RGB. */
export let frame: usize = 0;
export let width: i32 = 0;
export let height: i32 = 0;
/** Cells of 4 x 4 pixels; what is left at the right and below belongs to the last ones. */
export let columns: i32 = 0;
export let rows: i32 = 0;
/** Of marks, a bit for each cell, the first cell of a row lowest, and 0 beyond the last: from row to row. */
export let markBytes: i32 = 0;

// What is known of a belt, one after the other.
/** float32 [3, cells]: luma, warmth and green of a belt cell's sums; and how much each varies. */
export let means: usize = 0;
export let spreads: usize = 0;
/** int8 [cells, 8]: upper limits of half a pixel's luma, less warmth, warmth, less green, green; and three times nothing. */
export let pixelLimits: usize = 0;
/** int16 [5, cells]: of a belt cell's sums the upper bound of luma, then lower and upper of warmth and of green. */
export let bounds: usize = 0;

export function setScene(frameAt: usize, frameWidth: i32, frameHeight: i32, beltAt: usize): void {
  frame = frameAt;
  width = frameWidth;
  height = frameHeight;
  columns = frameWidth >> 2;
  rows = frameHeight >> 2;
  markBytes = ((columns + 63) >> 6) << 3;
  means = beltAt;
  spreads = means + columns * rows * 12;
  pixelLimits = spreads + columns * rows * 12;
  bounds = pixelLimits + columns * rows * 8;
}
