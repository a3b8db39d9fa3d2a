/** The averaging of columns where pixels of the crop lie so close in the frame that eight of their bytes come from 16 that stand together. */

/** A pixel is as wide as so many of the frame at most: three further are then five at most. Less than 5 / 3, or rounding could make six of them. */
const stepMax: f64 = 1.666;
const tapsMax: i32 = 4;
/** Bytes of a row of the crop that are averaged together. They are lanes of a vector. */
const together: i32 = 8;
/** Of each eight: which of 16 bytes they begin with, as numbers of 16 bits, the weights of four taps, and where those 16 are. */
const laneBytes: i32 = 96;

/**
 * Eight bytes begin at the first, third or second colour of a pixel. For each of the three: of which pixel each byte is, as the place of a
 * number of 32 bits in a vector; its colour; and where the weight of its pixel stands among four of 16 bits.
 */
const pixelOf = memory.data<u8>(
  // biome-ignore format: a line for each of the three
  [
    0, 255, 0, 255, 0, 255, 4, 255, 4, 255, 4, 255, 8, 255, 8, 255,
    0, 255, 4, 255, 4, 255, 4, 255, 8, 255, 8, 255, 8, 255, 12, 255,
    0, 255, 0, 255, 4, 255, 4, 255, 4, 255, 8, 255, 8, 255, 8, 255,
  ],
  16,
);
const colourOf = memory.data<u8>(
  // biome-ignore format: a line for each of the three
  [
    0, 128, 1, 128, 2, 128, 0, 128, 1, 128, 2, 128, 0, 128, 1, 128,
    2, 128, 0, 128, 1, 128, 2, 128, 0, 128, 1, 128, 2, 128, 0, 128,
    1, 128, 2, 128, 0, 128, 1, 128, 2, 128, 0, 128, 1, 128, 2, 128,
  ],
  16,
);
const weightOf = memory.data<u8>(
  // biome-ignore format: a line for each of the three
  [
    0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 4, 5, 4, 5,
    0, 1, 2, 3, 2, 3, 2, 3, 4, 5, 4, 5, 4, 5, 6, 7,
    0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 4, 5, 4, 5, 4, 5,
  ],
  16,
);

/** Whether `averageLanes` can. */
export function fitsLanes(size: i32, step: f64, taps: i32): bool {
  return taps <= tapsMax && step <= stepMax && (size & (together - 1)) === 0;
}

/** Makes of the first sources and weights of a crop's columns, four taps each, as `writeWeights` leaves them, what `averageLanes` needs for as many of them as `used`: 36 `size` bytes to `lanes`. */
export function writeLanes(lanes: usize, columns: usize, size: i32, used: i32): void {
  const weights = columns + size * 4;
  const count = (size * 3) / together;
  const eight = i8x16.splat(8);
  for (let group: i32 = 0; group < count; group++) {
    const byte = group * together;
    const pixel = byte / 3;
    const phase = (byte - pixel * 3 === 0 ? 0 : byte - pixel * 3 === 2 ? 1 : 2) * 16;
    const at = lanes + group * laneBytes;
    const from = v128.load(columns + pixel * 4);
    const first = load<i32>(columns + pixel * 4);
    const further = i32x4.mul(i32x4.sub(from, i32x4.splat(first)), i32x4.splat(3));
    const mask = i8x16.add(i8x16.swizzle(further, v128.load(pixelOf + phase)), v128.load(colourOf + phase));
    v128.store(at, used === 2 ? withNext(mask) : mask);
    const ab = v128.load(weights + pixel * 8);
    const cd = v128.load(weights + pixel * 8, 16);
    const taps01 = i16x8.shuffle(ab, cd, 0, 4, 8, 12, 1, 5, 9, 13);
    const taps23 = i16x8.shuffle(ab, cd, 2, 6, 10, 14, 3, 7, 11, 15);
    const even = v128.load(weightOf + phase);
    const odd = i8x16.add(even, eight);
    const weight0 = i8x16.swizzle(taps01, even);
    const weight1 = i8x16.swizzle(taps01, odd);
    v128.store(at, weight0, 16);
    v128.store(at, used === 2 ? i16x8.sub(weight1, i16x8.shl(weight0, 8)) : weight1, 32);
    v128.store(at, i8x16.swizzle(taps23, even), 48);
    v128.store(at, i8x16.swizzle(taps23, odd), 64);
    store<i32>(at, first * 3, 80);
  }
}

/** In the upper half of each number where the same colour of the next pixel is, in place of nothing. */
function withNext(mask: v128): v128 {
  return i16x8.add(i16x8.mul(mask, i16x8.splat(0x0101)), i16x8.splat(-32_000));
}

const halves = memory.data<i16>([128, 128, 128, 128, 128, 128, 128, 128], 16);

/**
 * The weighted means of the columns that the pixels `[from, to)` of four rows of the crop cover, and some beside them, of `taps` columns, two to
 * four. The rows lie `mixedBytes` and `outBytes` apart.
 */
export function averageLanes(
  mixed: usize,
  mixedBytes: i32,
  lanes: usize,
  taps: i32,
  from: i32,
  to: i32,
  out: usize,
  outBytes: i32,
): void {
  const first = (from * 3) / together;
  const end = (to * 3 + together - 1) / together;
  const half = v128.load(halves);
  let at = lanes + first * laneBytes;
  if (taps === 2) {
    for (let group = first; group < end; group++, at += laneBytes) {
      const source = mixed + load<i32>(at, 80);
      const mask = v128.load(at);
      const weight0 = v128.load(at, 16);
      const weight1 = v128.load(at, 32);
      const second = source + mixedBytes;
      const third = second + mixedBytes;
      const sum0 = i16x8.add(bothTaps(source, mask, weight0, weight1), half);
      const sum1 = i16x8.add(bothTaps(second, mask, weight0, weight1), half);
      const sum2 = i16x8.add(bothTaps(third, mask, weight0, weight1), half);
      const sum3 = i16x8.add(bothTaps(third + mixedBytes, mask, weight0, weight1), half);
      storeRows(out + group * together, outBytes, sum0, sum1, sum2, sum3);
    }
    return;
  }
  for (let group = first; group < end; group++, at += laneBytes) {
    const source = mixed + load<i32>(at, 80);
    const mask = v128.load(at);
    const weight0 = v128.load(at, 16);
    const weight1 = v128.load(at, 32);
    const second = source + mixedBytes;
    const third = second + mixedBytes;
    const fourth = third + mixedBytes;
    let sum0 = i16x8.add(twoTaps(source, mask, weight0, weight1), half);
    let sum1 = i16x8.add(twoTaps(second, mask, weight0, weight1), half);
    let sum2 = i16x8.add(twoTaps(third, mask, weight0, weight1), half);
    let sum3 = i16x8.add(twoTaps(fourth, mask, weight0, weight1), half);
    for (let t: i32 = 2; t < taps; t++) {
      const weight = v128.load(at + 16 + t * 16);
      sum0 = i16x8.add(sum0, oneTap(source + 3 * t, mask, weight));
      sum1 = i16x8.add(sum1, oneTap(second + 3 * t, mask, weight));
      sum2 = i16x8.add(sum2, oneTap(third + 3 * t, mask, weight));
      sum3 = i16x8.add(sum3, oneTap(fourth + 3 * t, mask, weight));
    }
    storeRows(out + group * together, outBytes, sum0, sum1, sum2, sum3);
  }
}

/** A 256th part of each sum. */
function storeRows(to: usize, outBytes: i32, sum0: v128, sum1: v128, sum2: v128, sum3: v128): void {
  const bytes01 = i8x16.narrow_i16x8_u(i16x8.shr_u(sum0, 8), i16x8.shr_u(sum1, 8));
  const bytes23 = i8x16.narrow_i16x8_u(i16x8.shr_u(sum2, 8), i16x8.shr_u(sum3, 8));
  v128.store64_lane(to, bytes01, 0);
  v128.store64_lane(to + outBytes, bytes01, 1);
  v128.store64_lane(to + 2 * outBytes, bytes23, 0);
  v128.store64_lane(to + 3 * outBytes, bytes23, 1);
}

/**
 * Two pixels side by side in the 16 bits of each number, as `withNext` wants them: the second is its upper half, and `weight1` is less 256 times `weight0`, by which the
 * whole number is multiplied.
 */
function bothTaps(source: usize, mask: v128, weight0: v128, weight1: v128): v128 {
  const both = i8x16.swizzle(v128.load(source), mask);
  return i16x8.add(i16x8.mul(both, weight0), i16x8.mul(i16x8.shr_u(both, 8), weight1));
}

function twoTaps(source: usize, mask: v128, weight0: v128, weight1: v128): v128 {
  return i16x8.add(oneTap(source, mask, weight0), oneTap(source + 3, mask, weight1));
}

function oneTap(source: usize, mask: v128, weight: v128): v128 {
  return i16x8.mul(i8x16.swizzle(v128.load(source), mask), weight);
}
