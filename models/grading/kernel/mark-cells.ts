import { bounds, columns, frame, markBytes, rows, width } from './scene';
import { pairMask, sumOfPair } from './sum-cells';

/** Cells that are looked at together. */
const group: i32 = 8;

/**
 * Writes a bit per cell to `marks`, see `scene.ts`: whether it shows something else than belt. Returns how many do. There must be at
 * least 8 columns.
 */
export function markCells(marks: usize): i32 {
  let count: i32 = 0;
  memory.fill(marks, 0, rows * markBytes);
  const mask = pairMask();
  const plane = columns * rows * 2;
  for (let row: i32 = 0; row < rows; row++) {
    const rowMarks = marks + row * markBytes;
    for (let column: i32 = 0; column < columns; column += group) {
      // The last group of a row begins early enough to be whole.
      const first = min(column, columns - group);
      const at = frame + (row * width + first) * 12;
      const pair0 = sumOfPair(at, mask);
      const pair1 = sumOfPair(at + 24, mask);
      const pair2 = sumOfPair(at + 48, mask);
      const pair3 = sumOfPair(at + 72, mask);
      // Steps for which there is one instruction each: cells 0 and 2, 1 and 3 by colour, then all four.
      const even01 = i16x8.shuffle(pair0, pair1, 0, 8, 1, 9, 2, 10, 3, 11);
      const odd01 = i16x8.shuffle(pair0, pair1, 4, 12, 5, 13, 6, 14, 7, 15);
      const even23 = i16x8.shuffle(pair2, pair3, 0, 8, 1, 9, 2, 10, 3, 11);
      const odd23 = i16x8.shuffle(pair2, pair3, 4, 12, 5, 13, 6, 14, 7, 15);
      const redGreen01 = i16x8.shuffle(even01, odd01, 0, 8, 1, 9, 2, 10, 3, 11);
      const redGreen23 = i16x8.shuffle(even23, odd23, 0, 8, 1, 9, 2, 10, 3, 11);
      const blue01 = i16x8.shuffle(even01, odd01, 4, 12, 5, 13, 6, 14, 7, 15);
      const blue23 = i16x8.shuffle(even23, odd23, 4, 12, 5, 13, 6, 14, 7, 15);
      const red = i64x2.shuffle(redGreen01, redGreen23, 0, 2);
      const green = i64x2.shuffle(redGreen01, redGreen23, 1, 3);
      const blue = i64x2.shuffle(blue01, blue23, 0, 2);

      const redBlue = i16x8.add(red, blue);
      const luma = i16x8.shr_u(i16x8.add(redBlue, i16x8.add(green, green)), 2);
      const warm = i16x8.sub(red, blue);
      const leaf = i16x8.sub(green, i16x8.shr_u(redBlue, 1));
      const limits = bounds + (row * columns + first) * 2;
      let outside = i16x8.gt_s(luma, v128.load(limits));
      outside = v128.or(outside, i16x8.lt_s(warm, v128.load(limits + plane)));
      outside = v128.or(outside, i16x8.gt_s(warm, v128.load(limits + 2 * plane)));
      outside = v128.or(outside, i16x8.lt_s(leaf, v128.load(limits + 3 * plane)));
      outside = v128.or(outside, i16x8.gt_s(leaf, v128.load(limits + 4 * plane)));
      const found = i16x8.bitmask(outside) >> (column - first);
      store<u8>(rowMarks + (column >> 3), found);
      count += popcnt(found);
    }
  }
  return count;
}
