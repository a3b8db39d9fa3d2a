import { bounds, columns, frame, markBytes, means, pixelLimits, rows, spreads, width } from './scene';
import { meanOfPair } from './sum-cells';
import { sumOf } from './sum-colours';

/** Cells that are looked at together. */
const group: i32 = 4;
/** Share of an empty cell's difference that one update takes over. */
const followRate: f32 = 0.08;
/**
 * Of a colour's difference so many spreads are taken over at most. The edges of dark fruit lie within the band: taken over whole, they
 * would widen it until it held more and more of the fruit.
 */
const colourSpreads: f32 = 1.5;
/** Of brightness all: a lens that mists over lifts it at once, and only what is brighter than the belt is a sign of fruit. */
const lumaSpreads = f32(Infinity);
/** Widths of the band of belt, in spreads. */
const bandSpreads: f32 = 4.5;
/** A single pixel is noisier than the sum of four that the bounds are made for. */
const lumaSlack: i16 = 16;
const warmSlack: i16 = 24;
const leafSlack: i16 = 20;
/** Limits are kept as eighths: with so much less they are as often too high as too low. */
const toNearest: i16 = 3;

// In memory, since V8 makes a constant anew wherever it is used.
const lowBytes = memory.data<i32>([255, 255, 255, 255], 16);
const cellBits = memory.data<i32>([1, 2, 4, 8], 16);

/** Makes the bounds of all cells, of which there must be four at least, of their means and spreads. */
export function boundCells(): void {
  const cells = columns * rows;
  // The last four begin early enough.
  for (let at: i32 = 0; at < cells; at += group) boundFour(min(at, cells - group));
}

/**
 * Takes over slow changes in every `every`th row of cells from the `turn`-th on, where the belt is seen: `marks` are those that
 * `markCells` wrote. To `belt`, int32 [4]: the red, green and blue of those cells together, and how many they are.
 * `leastSpreads`: float32 [3].
 */
export function followBelt(marks: usize, turn: i32, every: i32, leastSpreads: usize, belt: usize): void {
  const byte = v128.load(lowBytes);
  const bits = v128.load(cellBits);
  const zero = i32x4.splat(0);
  const leastLuma = v128.load32_splat(leastSpreads);
  const leastWarm = v128.load32_splat(leastSpreads, 4);
  const leastLeaf = v128.load32_splat(leastSpreads, 8);
  const figures = columns * rows * 4;
  let reds = zero;
  let greens = zero;
  let blues = zero;
  let cells: i32 = 0;
  // Whole rows, because memory that is read on and on comes by itself: of the same cells here and there each had to be waited for.
  for (let row = turn; row < rows; row += every) {
    const rowMarks = marks + row * markBytes;
    for (let column: i32 = 0; column < columns; column += group) {
      const first = min(column, columns - group);
      // The last four begin early enough: what others followed counts as marked.
      const others = (1 << (column - first)) - 1;
      const marked = ((i32(load<u16>(rowMarks + (first >> 3))) >> (first & 7)) | others) & 15;
      if (marked === 15) continue;
      const isBelt = i32x4.eq(v128.and(i32x4.splat(marked), bits), zero);
      const at = frame + (row * width + first) * 12;
      const pixels = i32x4.shuffle(meanOfPair(at), meanOfPair(at + 24), 0, 3, 4, 7);
      const red = v128.and(pixels, byte);
      const green = v128.and(i32x4.shr_u(pixels, 8), byte);
      const blue = v128.and(i32x4.shr_u(pixels, 16), byte);
      reds = i32x4.add(reds, v128.and(red, isBelt));
      greens = i32x4.add(greens, v128.and(green, isBelt));
      blues = i32x4.add(blues, v128.and(blue, isBelt));
      cells += group - popcnt(marked);
      // Of sums of four, as `markCells` has them.
      const redBlue = i32x4.add(red, blue);
      const twiceGreen = i32x4.add(green, green);
      const luma = i32x4.add(redBlue, twiceGreen);
      const warm = i32x4.shl(i32x4.sub(red, blue), 2);
      const leaf = i32x4.shl(i32x4.sub(twiceGreen, redBlue), 1);
      const cell = row * columns + first;
      const mean = means + cell * 4;
      const spread = spreads + cell * 4;
      follow(mean, spread, luma, isBelt, leastLuma, lumaSpreads);
      follow(mean + figures, spread + figures, warm, isBelt, leastWarm, colourSpreads);
      follow(mean + 2 * figures, spread + 2 * figures, leaf, isBelt, leastLeaf, colourSpreads);
      boundFour(cell);
    }
  }
  store<i32>(belt, 4 * sumOf(reds));
  store<i32>(belt, 4 * sumOf(greens), 4);
  store<i32>(belt, 4 * sumOf(blues), 8);
  store<i32>(belt, cells, 12);
}

/** One figure of four cells, where they are belt: so many spreads of its difference at most. */
function follow(
  meanAt: usize,
  spreadAt: usize,
  figure: v128,
  isBelt: v128,
  least: v128,
  spreadsMost: f32,
): void {
  const rate = f32x4.splat(followRate);
  const mean = v128.load(meanAt);
  const spread = v128.load(spreadAt);
  const most = f32x4.mul(spread, f32x4.splat(spreadsMost));
  const whole = f32x4.sub(f32x4.convert_i32x4_s(figure), mean);
  const difference = f32x4.pmax(f32x4.pmin(whole, most), f32x4.neg(most));
  const newMean = f32x4.add(mean, f32x4.mul(rate, difference));
  // The mean absolute difference of a normal variable is 0.8 of its deviation.
  const wider = f32x4.sub(f32x4.mul(f32x4.abs(difference), f32x4.splat(1.25)), spread);
  const newSpread = f32x4.max(f32x4.add(spread, f32x4.mul(rate, wider)), least);
  v128.store(meanAt, v128.bitselect(newMean, mean, isBelt));
  v128.store(spreadAt, v128.bitselect(newSpread, spread, isBelt));
}

/** Added to what is above -2^22 and below 2^22 this leaves its whole number in the low bits: a conversion looks after what does not fit. */
const toBits: f32 = 12_582_912;

/** The whole part of each, as 32 bits. */
function wholeOf(figures: v128): v128 {
  const bits = f32x4.splat(toBits);
  return i32x4.sub(f32x4.add(f32x4.trunc(figures), bits), bits);
}

/** Of limits, four of a kind and then four of another: of which of them a pixel must be above to be out of them, and what is added to them for a pixel, to the nearest eighth. */
const signs = memory.data<i16>([1, 1, 1, 1, -1, -1, -1, -1], 16);
const lumaAdded: i16 = lumaSlack - toNearest;
const warmAdded: i16 = warmSlack - toNearest;
const leafAdded: i16 = leafSlack - toNearest;
const slacks01 = memory.data<i16>(
  [lumaAdded, lumaAdded, lumaAdded, lumaAdded, warmAdded, warmAdded, warmAdded, warmAdded],
  16,
);
const slacks23 = memory.data<i16>(
  [warmAdded, warmAdded, warmAdded, warmAdded, leafAdded, leafAdded, leafAdded, leafAdded],
  16,
);
const slacks4 = memory.data<i16>(
  [leafAdded, leafAdded, leafAdded, leafAdded, leafAdded, leafAdded, leafAdded, leafAdded],
  16,
);
/** Which bytes are a cell's, of four limits of four cells each; and of one limit. */
const fourOfCells = memory.data<u8>([0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15], 16);
const oneOfCells = memory.data<u8>(
  [0, 255, 255, 255, 1, 255, 255, 255, 2, 255, 255, 255, 3, 255, 255, 255],
  16,
);

/** Writes the bounds of four cells and the limits of their pixels. */
function boundFour(cell: i32): void {
  const mean = means + cell * 4;
  const spread = spreads + cell * 4;
  const figures = columns * rows * 4;
  const luma = v128.load(mean);
  const warm = v128.load(mean + figures);
  const leaf = v128.load(mean + 2 * figures);
  const band = f32x4.splat(bandSpreads);
  const warmReach = f32x4.mul(v128.load(spread + figures), band);
  const leafReach = f32x4.mul(v128.load(spread + 2 * figures), band);
  const lumaMost = wholeOf(f32x4.add(luma, f32x4.mul(v128.load(spread), band)));
  // In a fruit's shadow a belt has less of its colour: anything from all of it to none.
  const none = f32x4.splat(0);
  const warmLeast = wholeOf(f32x4.sub(f32x4.pmin(warm, none), warmReach));
  const warmMost = wholeOf(f32x4.add(f32x4.pmax(warm, none), warmReach));
  const leafLeast = wholeOf(f32x4.sub(f32x4.pmin(leaf, none), leafReach));
  const leafMost = wholeOf(f32x4.add(f32x4.pmax(leaf, none), leafReach));
  const limits01 = i16x8.narrow_i32x4_s(lumaMost, warmLeast);
  const limits23 = i16x8.narrow_i32x4_s(warmMost, leafLeast);
  const limits4 = i16x8.narrow_i32x4_s(leafMost, leafMost);
  const plane = columns * rows * 2;
  const to = bounds + cell * 2;
  v128.store64_lane(to, limits01, 0);
  v128.store64_lane(to + plane, limits01, 1);
  v128.store64_lane(to + 2 * plane, limits23, 0);
  v128.store64_lane(to + 3 * plane, limits23, 1);
  v128.store64_lane(to + 4 * plane, limits4, 0);
  // As a pixel is compared with them, see `lookAlong`.
  const sign = v128.load(signs);
  const eighths01 = i16x8.shr_s(i16x8.add(i16x8.mul(limits01, sign), v128.load(slacks01)), 3);
  const eighths23 = i16x8.shr_s(i16x8.add(i16x8.mul(limits23, sign), v128.load(slacks23)), 3);
  const eighths4 = i16x8.shr_s(i16x8.add(limits4, v128.load(slacks4)), 3);
  const four = i8x16.swizzle(i8x16.narrow_i16x8_s(eighths01, eighths23), v128.load(fourOfCells));
  const one = i8x16.swizzle(i8x16.narrow_i16x8_s(eighths4, eighths4), v128.load(oneOfCells));
  const pixelsAt = pixelLimits + cell * 8;
  v128.store(pixelsAt, i32x4.shuffle(four, one, 0, 4, 1, 5));
  v128.store(pixelsAt, i32x4.shuffle(four, one, 2, 6, 3, 7), 16);
}
