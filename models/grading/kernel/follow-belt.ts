import { bounds, columns, frame, markBytes, means, pixelLimits, rows, spreads, width } from './scene';
import { pairMask, sumOfPair } from './sum-cells';

/** Share of an empty cell's difference that one update takes over. */
const followRate: f32 = 0.08;
/** Widths of the band of belt, in spreads. */
const bandSpreads: f32 = 4.5;
/** A single pixel is noisier than the sum of four that the bounds are made for. */
const lumaSlack: i16 = 16;
const warmSlack: i16 = 24;
const leafSlack: i16 = 20;
/** Limits are kept as eighths: with so much less they are as often too high as too low. */
const toNearest: i16 = 3;

/** Makes the bounds of all cells of their means and spreads. */
export function boundCells(): void {
  const cells = columns * rows;
  for (let cell: i32 = 0; cell < cells; cell++) {
    boundCell(cell, v128.load(means + cell * 16), v128.load(spreads + cell * 16));
  }
}

/**
 * Takes over slow changes in every `every`th row of cells from the `turn`-th on, where the belt is seen: `marks` are those that
 * `markCells` wrote. To `belt`, int32 [4]: the red, green and blue of those cells together, and how many they are.
 * `leastSpreads`: float32 [4].
 */
export function followBelt(marks: usize, turn: i32, every: i32, leastSpreads: usize, belt: usize): void {
  const least = v128.load(leastSpreads);
  const mask = pairMask();
  let total = i32x4.splat(0);
  // Whole rows, because memory that is read on and on comes by itself: of the same cells here and there each had to be waited for.
  for (let row = turn; row < rows; row += every) {
    const rowMarks = marks + row * markBytes;
    for (let column: i32 = 0; column < columns; column += 2) {
      const isMarked = i32(load<u8>(rowMarks + (column >> 3))) >> (column & 7);
      const sums = sumOfPair(frame + (row * width + column) * 12, mask);
      const figures = figuresOf(sums);
      const cell = row * columns + column;
      if ((isMarked & 1) === 0) {
        total = i32x4.add(total, i32x4.replace_lane(i32x4.extend_low_i16x8_u(sums), 3, 1));
        followCell(cell, i32x4.extend_low_i16x8_s(figures), least);
      }
      if ((isMarked & 2) === 0 && column + 1 < columns) {
        total = i32x4.add(total, i32x4.replace_lane(i32x4.extend_high_i16x8_u(sums), 3, 1));
        followCell(cell + 1, i32x4.extend_high_i16x8_s(figures), least);
      }
    }
  }
  v128.store(belt, total);
}

/** Of the red, green and blue of four pixels together, 16 bits each, of two cells: luma, warmth and green, and what is of no use. */
function figuresOf(sums: v128): v128 {
  const red = i16x8.shuffle(sums, sums, 0, 0, 0, 0, 4, 4, 4, 4);
  const green = i16x8.shuffle(sums, sums, 1, 1, 1, 1, 5, 5, 5, 5);
  const blue = i16x8.shuffle(sums, sums, 2, 2, 2, 2, 6, 6, 6, 6);
  const redBlue = i16x8.add(red, blue);
  const luma = i16x8.shr_u(i16x8.add(redBlue, i16x8.add(green, green)), 2);
  const warm = i16x8.sub(red, blue);
  const leaf = i16x8.sub(green, i16x8.shr_u(redBlue, 1));
  const others = i16x8.shuffle(warm, leaf, 0, 1, 8, 9, 4, 5, 12, 13);
  return v128.bitselect(luma, others, i64x2.splat(0xffff));
}

function followCell(cell: i32, figures: v128, least: v128): void {
  const rate = f32x4.splat(followRate);
  const mean = v128.load(means + cell * 16);
  const spread = v128.load(spreads + cell * 16);
  const difference = f32x4.sub(f32x4.convert_i32x4_s(figures), mean);
  const newMean = f32x4.add(mean, f32x4.mul(rate, difference));
  // The mean absolute difference of a normal variable is 0.8 of its deviation.
  const wider = f32x4.sub(f32x4.mul(f32x4.abs(difference), f32x4.splat(1.25)), spread);
  const newSpread = f32x4.max(f32x4.add(spread, f32x4.mul(rate, wider)), least);
  v128.store(means + cell * 16, newMean);
  v128.store(spreads + cell * 16, newSpread);
  boundCell(cell, newMean, newSpread);
}

/** Of a cell's limits, in their order: which of the upper and lower bounds they are, and what is added to them for a pixel. */
const signs = memory.data<i16>([1, -1, 1, -1, 1, 0, 0, 0], 16);
const slacks = memory.data<i16>([lumaSlack, warmSlack, warmSlack, leafSlack, leafSlack, 0, 0, 0], 16);

function boundCell(cell: i32, mean: v128, spread: v128): void {
  const reach = f32x4.mul(spread, f32x4.splat(bandSpreads));
  // In a fruit's shadow a belt has less of its colour: anything from all of it to none.
  const none = f32x4.splat(0);
  const upper = i32x4.trunc_sat_f32x4_s(f32x4.add(f32x4.max(mean, none), reach));
  const lower = i32x4.trunc_sat_f32x4_s(f32x4.sub(f32x4.min(mean, none), reach));
  const all = i16x8.narrow_i32x4_s(upper, lower);
  const ordered = i16x8.shuffle(all, all, 0, 5, 1, 6, 2, 3, 3, 3);
  const plane = columns * rows * 2;
  const to = bounds + cell * 2;
  v128.store16_lane(to, ordered, 0);
  v128.store16_lane(to + plane, ordered, 1);
  v128.store16_lane(to + 2 * plane, ordered, 2);
  v128.store16_lane(to + 3 * plane, ordered, 3);
  v128.store16_lane(to + 4 * plane, ordered, 4);
  const limits = i16x8.add(i16x8.mul(ordered, v128.load(signs)), v128.load(slacks));
  // As a pixel is compared with them, see `lookAlong`.
  const eighths = i16x8.shr_s(i16x8.sub(limits, i16x8.splat(toNearest)), 3);
  v128.store64_lane(pixelLimits + cell * 8, i8x16.narrow_i16x8_s(eighths, eighths), 0);
}
