import { bounds, columns, frame, rows, width } from './scene';

/** Cells that are looked at together. */
const group: i32 = 8;

/**
 * Writes per cell 1 or 0 to `marks`, uint8 [rows, columns]: whether it shows something else than belt; and to `sums`,
 * int16 [rows, columns, 4], the red, green, blue (and nothing) of the four of its pixels that stand for it, one in each
 * row and column. Returns how many cells show something else. There must be at least 8 columns.
 */
export function markCells(marks: usize, sums: usize): i32 {
  let count: i32 = 0;
  for (let row: i32 = 0; row < rows; row++) {
    for (let column: i32 = 0; column < columns; column += group) {
      // The last group of a row begins early enough to be whole.
      const first = min(column, columns - group);
      const cell = row * columns + first;
      const found = markGroup(frame + (row * width + first) * 12, cell, marks + cell, sums + cell * 8);
      count += popcnt(found >> (column - first));
    }
  }
  return count;
}

/** Returns a bit per cell, the first cell's lowest. */
function markGroup(at: usize, cell: i32, marks: usize, sums: usize): i32 {
  const pair0 = sumOfPair(at);
  const pair1 = sumOfPair(at + 24);
  const pair2 = sumOfPair(at + 48);
  const pair3 = sumOfPair(at + 72);
  v128.store(sums, pair0);
  v128.store(sums, pair1, 16);
  v128.store(sums, pair2, 32);
  v128.store(sums, pair3, 48);
  const redGreen01 = i16x8.shuffle(pair0, pair1, 0, 4, 8, 12, 1, 5, 9, 13);
  const redGreen23 = i16x8.shuffle(pair2, pair3, 0, 4, 8, 12, 1, 5, 9, 13);
  const blue01 = i16x8.shuffle(pair0, pair1, 2, 6, 10, 14, 2, 6, 10, 14);
  const blue23 = i16x8.shuffle(pair2, pair3, 2, 6, 10, 14, 2, 6, 10, 14);
  const red = i16x8.shuffle(redGreen01, redGreen23, 0, 1, 2, 3, 8, 9, 10, 11);
  const green = i16x8.shuffle(redGreen01, redGreen23, 4, 5, 6, 7, 12, 13, 14, 15);
  const blue = i16x8.shuffle(blue01, blue23, 0, 1, 2, 3, 8, 9, 10, 11);

  const redBlue = i16x8.add(red, blue);
  const luma = i16x8.shr_u(i16x8.add(redBlue, i16x8.add(green, green)), 2);
  const warm = i16x8.sub(red, blue);
  const leaf = i16x8.sub(green, i16x8.shr_u(redBlue, 1));
  const limits = bounds + cell * 2;
  const plane = columns * rows * 2;
  let outside = i16x8.gt_s(luma, v128.load(limits));
  outside = v128.or(outside, i16x8.lt_s(warm, v128.load(limits + plane)));
  outside = v128.or(outside, i16x8.gt_s(warm, v128.load(limits + 2 * plane)));
  outside = v128.or(outside, i16x8.lt_s(leaf, v128.load(limits + 3 * plane)));
  outside = v128.or(outside, i16x8.gt_s(leaf, v128.load(limits + 4 * plane)));
  const ones = v128.and(outside, i16x8.splat(1));
  v128.store64_lane(marks, i8x16.narrow_i16x8_u(ones, ones), 0);
  return i16x8.bitmask(outside);
}

/** Of two cells side by side the four pixels that stand for each, summed: red, green, blue, 0 of one and of the other. */
function sumOfPair(at: usize): v128 {
  const stride = width * 3;
  return i16x8.add(
    i16x8.add(pixelOfPair(at), pixelOfPair(at + stride + 6)),
    i16x8.add(pixelOfPair(at + 2 * stride + 9), pixelOfPair(at + 3 * stride + 3)),
  );
}

/** The pixel at `at` and the one four further, each as red, green, blue, 0. */
function pixelOfPair(at: usize): v128 {
  return i8x16.swizzle(v128.load(at), i8x16(0, -1, 1, -1, 2, -1, -1, -1, 12, -1, 13, -1, 14, -1, -1, -1));
}
