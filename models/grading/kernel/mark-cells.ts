import { bounds, columns, frame, markBytes, rows, width } from './scene';
import { meanOfPair } from './sum-cells';

/** Cells that are looked at together. */
const group: i32 = 8;
/** In memory, since V8 makes a constant anew wherever it is used. */
const lowBytes = memory.data<i32>([255, 255, 255, 255], 16);

/**
 * Writes a bit per cell to `marks`, see `scene.ts`: whether it shows something else than belt. Returns how many do. There must be at
 * least 8 columns.
 */
export function markCells(marks: usize): i32 {
  let count: i32 = 0;
  memory.fill(marks, 0, rows * markBytes);
  const byte = v128.load(lowBytes);
  const plane = columns * rows * 2;
  for (let row: i32 = 0; row < rows; row++) {
    const rowMarks = marks + row * markBytes;
    for (let column: i32 = 0; column < columns; column += group) {
      // The last group of a row begins early enough to be whole.
      const first = min(column, columns - group);
      const at = frame + (row * width + first) * 12;
      // Of each cell the three colours, and what is of no use.
      const cells0 = i32x4.shuffle(meanOfPair(at), meanOfPair(at + 24), 0, 3, 4, 7);
      const cells1 = i32x4.shuffle(meanOfPair(at + 48), meanOfPair(at + 72), 0, 3, 4, 7);
      const red = i16x8.narrow_i32x4_s(v128.and(cells0, byte), v128.and(cells1, byte));
      const green = i16x8.narrow_i32x4_s(
        v128.and(i32x4.shr_u(cells0, 8), byte),
        v128.and(i32x4.shr_u(cells1, 8), byte),
      );
      const blue = i16x8.narrow_i32x4_s(
        v128.and(i32x4.shr_u(cells0, 16), byte),
        v128.and(i32x4.shr_u(cells1, 16), byte),
      );
      // Of sums of four, as bounds are.
      const redBlue = i16x8.add(red, blue);
      const twiceGreen = i16x8.add(green, green);
      const luma = i16x8.add(redBlue, twiceGreen);
      const warm = i16x8.shl(i16x8.sub(red, blue), 2);
      const leaf = i16x8.shl(i16x8.sub(twiceGreen, redBlue), 1);
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
