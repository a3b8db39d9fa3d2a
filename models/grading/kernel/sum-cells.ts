import { columns, frame, rows, width } from './scene';

/** Of two cells side by side: which bytes of 16 are the pixel at their beginning and the one four further. */
const pixelsOfPair = memory.data<u8>(
  [0, 255, 1, 255, 2, 255, 255, 255, 12, 255, 13, 255, 14, 255, 255, 255],
  16,
);

/** To be kept in a register over a loop: V8 makes a constant anew wherever it is used. */
function pairMask(): v128 {
  return v128.load(pixelsOfPair);
}

/**
 * Of two cells side by side, the first at the frame's pixel `at`, the mean of the four pixels that stand for each, one in each row and column, rounded up from step to step: its bytes are the first of
 * four numbers of 32 bits, and the last. Bytes are averaged 16 at a time, where sums would have to be taken out of them first.
 */
export function meanOfPair(at: usize): v128 {
  const stride = width * 3;
  return i8x16.avgr_u(
    i8x16.avgr_u(v128.load(at), v128.load(at + stride + 6)),
    i8x16.avgr_u(v128.load(at + 2 * stride + 9), v128.load(at + 3 * stride + 3)),
  );
}

/** Four times that: red, green, blue, 0 of one and of the other. `mask` is `pairMask()`. */
function sumOfPair(at: usize, mask: v128): v128 {
  return i16x8.shl(i8x16.swizzle(meanOfPair(at), mask), 2);
}

/** The same of all cells, to `sums`, int16 [rows, columns, 4]. */
export function sumCells(sums: usize): void {
  const mask = pairMask();
  for (let row: i32 = 0; row < rows; row++) {
    for (let column: i32 = 0; column < columns; column++) {
      const cell = row * columns + column;
      v128.store64_lane(sums + cell * 8, sumOfPair(frame + (row * width + column) * 12, mask), 0);
    }
  }
}
