import { bounds, columns, frame, markBytes, means, pixelLimits, rows, spreads, width } from './scene';
import { pairMask, sumOfPair } from './sum-cells';

/** Share of an empty cell's difference that one update takes over. */
const followRate: f32 = 0.08;
const blockCells: i32 = 8;
/** Widths of the band of belt, in spreads. */
const bandSpreads: f32 = 4.5;
/** A single pixel is noisier than the sum of four that the bounds are made for. */
const lumaSlack: i32 = 16;
const warmSlack: i32 = 24;
const leafSlack: i32 = 20;

/** Makes the bounds of all cells of their means and spreads. */
export function boundCells(): void {
  const cells = columns * rows;
  for (let cell: i32 = 0; cell < cells; cell++) {
    boundCell(cell, v128.load(means + cell * 16), v128.load(spreads + cell * 16));
  }
}

/**
 * Takes over slow changes in the `turn`-th of `every` parts of the cells, where the belt is seen: `marks` are those that
 * `markCells` wrote. To `belt`, int32 [4]: the red, green and blue of those cells together, and how many they are.
 * `leastSpreads`: float32 [4].
 */
export function followBelt(marks: usize, turn: i32, every: i32, leastSpreads: usize, belt: usize): void {
  const cells = columns * rows;
  const rate = f32x4.splat(followRate);
  const least = v128.load(leastSpreads);
  const mask = pairMask();
  let total = i32x4.splat(0);
  // By blocks, because cells side by side are side by side in memory.
  for (let from = turn * blockCells; from < cells; from += every * blockCells) {
    const end = min(from + blockCells, cells);
    let row = from / columns;
    let column = from - row * columns;
    for (let cell = from; cell < end; cell++, column++) {
      if (column === columns) {
        column = 0;
        row++;
      }
      if (((load<u8>(marks + row * markBytes + (column >> 3)) >> (column & 7)) & 1) !== 0) continue;
      const sum = i32x4.extend_low_i16x8_u(sumOfPair(frame + (row * width + column) * 12, mask));
      total = i32x4.add(total, i32x4.replace_lane(sum, 3, 1));
      const mean = v128.load(means + cell * 16);
      const spread = v128.load(spreads + cell * 16);
      const difference = f32x4.sub(f32x4.convert_i32x4_s(figuresOf(sum)), mean);
      const newMean = f32x4.add(mean, f32x4.mul(rate, difference));
      // The mean absolute difference of a normal variable is 0.8 of its deviation.
      const wider = f32x4.sub(f32x4.mul(f32x4.abs(difference), f32x4.splat(1.25)), spread);
      const newSpread = f32x4.max(f32x4.add(spread, f32x4.mul(rate, wider)), least);
      v128.store(means + cell * 16, newMean);
      v128.store(spreads + cell * 16, newSpread);
      boundCell(cell, newMean, newSpread);
    }
  }
  v128.store(belt, total);
}

/** Of red, green and blue of four pixels together luma, warmth and green, and nothing. */
function figuresOf(sum: v128): v128 {
  const red = i32x4.extract_lane(sum, 0);
  const green = i32x4.extract_lane(sum, 1);
  const blue = i32x4.extract_lane(sum, 2);
  let figures = i32x4.replace_lane(i32x4.splat(0), 0, (red + 2 * green + blue) >> 2);
  figures = i32x4.replace_lane(figures, 1, red - blue);
  return i32x4.replace_lane(figures, 2, green - ((red + blue) >> 1));
}

function boundCell(cell: i32, mean: v128, spread: v128): void {
  const reach = f32x4.mul(spread, f32x4.splat(bandSpreads));
  const upper = i32x4.trunc_sat_f32x4_s(f32x4.add(mean, reach));
  const lower = i32x4.trunc_sat_f32x4_s(f32x4.sub(mean, reach));
  const luma = i32x4.extract_lane(upper, 0);
  const warmLeast = i32x4.extract_lane(lower, 1);
  const warmMost = i32x4.extract_lane(upper, 1);
  const leafLeast = i32x4.extract_lane(lower, 2);
  const leafMost = i32x4.extract_lane(upper, 2);
  const plane = columns * rows * 2;
  const to = bounds + cell * 2;
  store<i16>(to, luma);
  store<i16>(to + plane, warmLeast);
  store<i16>(to + 2 * plane, warmMost);
  store<i16>(to + 3 * plane, leafLeast);
  store<i16>(to + 4 * plane, leafMost);
  const limits = pixelLimits + cell * 16;
  store<i16>(limits, luma + lumaSlack);
  store<i16>(limits, warmSlack - warmLeast, 2);
  store<i16>(limits, warmMost + warmSlack, 4);
  store<i16>(limits, leafSlack - leafLeast, 6);
  store<i16>(limits, leafMost + leafSlack, 8);
}
