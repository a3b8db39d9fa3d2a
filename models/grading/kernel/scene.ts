/** What the next calls look at. */

/** uint8 [height, width, 3], RGB. */
export let frame: usize = 0;
export let width: i32 = 0;
export let height: i32 = 0;
/** int16 [5, cells]: of a belt cell's sums the upper bound of luma, then lower and upper of warmth and of green. */
export let bounds: usize = 0;
/** Cells of 4 x 4 pixels; what is left at the right and below belongs to the last ones. */
export let columns: i32 = 0;
export let rows: i32 = 0;

export function setScene(frameAt: usize, frameWidth: i32, frameHeight: i32, boundsAt: usize): void {
  frame = frameAt;
  width = frameWidth;
  height = frameHeight;
  bounds = boundsAt;
  columns = frameWidth >> 2;
  rows = frameHeight >> 2;
}
