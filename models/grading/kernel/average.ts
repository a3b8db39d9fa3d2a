/** The weights of a crop pixel add up to this: a weighted sum of bytes then fits 16 bits. */
const wholeWeight: f64 = 256;

/** As long as a crop pixel is less than so many pixels of the frame wide, no two of them that stand together skip one. */
const betweenTwoMax: f64 = 1.25;

/** Half the width of a crop pixel's triangle, pixels of the frame. */
function halfOf(step: f64): f64 {
  return step < betweenTwoMax ? 1 : step;
}

/** Source pixels that one crop pixel averages along an axis. */
export function tapsOf(step: f64): i32 {
  return i32(Math.ceil(2 * halfOf(step)));
}

/**
 * Triangle weights for each of `size` crop pixels along one axis that start at `start`; sources beyond the frame repeat
 * its edge. To `at`: the first source per crop pixel, int32 [size], then weights int16 [size, taps], each row of them
 * 256 together; up to 16 bytes behind them are written to as well.
 */
export function writeWeights(at: usize, size: i32, start: f64, step: f64, taps: i32, limit: i32): void {
  const half = halfOf(step);
  const isInside =
    Math.ceil(centreOf(0, start, step) - half) >= 0 &&
    i32(Math.ceil(centreOf(size - 1, start, step) - half)) <= limit - taps;
  if (taps >= 2 && taps <= 4 && (size & 1) === 0 && isInside) {
    if (half === 1) writeTwos(at, size, start, step, taps);
    else writeFours(at, size, start, step, half, taps);
    return;
  }
  for (let i: i32 = 0; i < size; i++) {
    const weights = at + size * 4 + i * 2 * taps;
    const centre = centreOf(i, start, step);
    const wanted = i32(Math.ceil(centre - half));
    const from = min(max(wanted, 0), limit - taps);
    store<i32>(at + i * 4, from);
    for (let t: i32 = 0; t < taps; t++) store<i16>(weights + 2 * t, 0);
    let total: f64 = 0;
    for (let t: i32 = 0; t < taps; t++) total += triangle(wanted + t, centre, half);
    // What rounding takes from one weight goes to the next: the brightness stays.
    const scale = wholeWeight / total;
    let sum = 0.5;
    let given: i32 = 0;
    for (let t: i32 = 0; t < taps; t++) {
      sum += triangle(wanted + t, centre, half) * scale;
      const upToHere = i32(sum);
      const weight = weights + 2 * (min(max(wanted + t, from), from + taps - 1) - from);
      store<i16>(weight, load<i16>(weight) + i16(upToHere - given));
      given = upToHere;
    }
  }
}

function centreOf(i: i32, start: f64, step: f64): f64 {
  return start + (f64(i) + 0.5) * step - 0.5;
}

/** Added to a whole number below 2^32 this leaves it in the low bits: faster than a conversion, which looks after what does not fit. */
const toBits: f64 = 4_503_599_627_370_496;

/**
 * The same for four sources within the frame, two crop pixels together. Of three the fourth weighs nothing, and
 * its place is the next one's.
 */
function writeFours(at: usize, size: i32, start: f64, step: f64, half: f64, taps: i32): void {
  const whole = f64x2.splat(wholeWeight);
  const bits = f64x2.splat(toBits);
  const wholeBits = f64x2.splat(toBits + wholeWeight);
  const one = f64x2.splat(1);
  const middle = f64x2.splat(0.5);
  const zero = f64x2.splat(0);
  const reach = f64x2.splat(half);
  const steps = f64x2.splat(step);
  const starts = f64x2.splat(start);
  let pixel = f64x2(0.5, 1.5);
  let weights = at + size * 4;
  for (let i: i32 = 0; i < size; i += 2) {
    const centre = f64x2.sub(f64x2.add(starts, f64x2.mul(pixel, steps)), middle);
    const wanted = f64x2.ceil(f64x2.sub(centre, reach));
    const first = f64x2.sub(wanted, centre);
    const second = f64x2.add(first, one);
    const third = f64x2.add(second, one);
    // The first is before the middle and the third behind it; that the first two are near enough is sure.
    const upTo0 = f64x2.add(reach, first);
    const upTo1 = f64x2.add(upTo0, f64x2.sub(reach, f64x2.abs(second)));
    const upTo2 = f64x2.add(upTo1, f64x2.pmax(zero, f64x2.sub(reach, third)));
    const upTo3 = f64x2.add(upTo2, f64x2.pmax(zero, f64x2.sub(reach, f64x2.add(third, one))));
    const scale = f64x2.div(whole, upTo3);
    // What rounding takes from one weight goes to the next: the brightness stays.
    const given0 = f64x2.add(bits, f64x2.floor(f64x2.add(middle, f64x2.mul(upTo0, scale))));
    const given1 = f64x2.add(bits, f64x2.floor(f64x2.add(middle, f64x2.mul(upTo1, scale))));
    const given2 = f64x2.add(bits, f64x2.floor(f64x2.add(middle, f64x2.mul(upTo2, scale))));
    // Four numbers of 16 bits of each pixel. What was added is gone after a subtraction.
    const weights01 = v128.or(i64x2.sub(given0, bits), i64x2.shl(i64x2.sub(given1, given0), 16));
    const weights23 = v128.or(
      i64x2.shl(i64x2.sub(given2, given1), 32),
      i64x2.shl(i64x2.sub(wholeBits, given2), 48),
    );
    const four = v128.or(weights01, weights23);
    v128.store64_lane(weights, four, 0);
    v128.store64_lane(weights + 2 * taps, four, 1);
    v128.store64_lane(at + i * 4, i32x4.shuffle(f64x2.add(bits, wanted), four, 0, 2, 0, 2), 0);
    weights += 4 * taps;
    pixel = f64x2.add(pixel, f64x2.splat(2));
  }
}

/** The same where a crop pixel lies between two sources, of two or four that have weights: the others weigh nothing. */
function writeTwos(at: usize, size: i32, start: f64, step: f64, taps: i32): void {
  const whole = f64x2.splat(wholeWeight);
  const bits = f64x2.splat(toBits);
  const one = f64x2.splat(1);
  const middle = f64x2.splat(0.5);
  const steps = f64x2.splat(step);
  const starts = f64x2.splat(start);
  const both = i32x4.splat(i32(wholeWeight) << 16);
  const forOther = i32x4.splat(65_535);
  const low = i64x2.splat(0xffffffff);
  let pixel = f64x2(0.5, 1.5);
  let weights = at + size * 4;
  for (let i: i32 = 0; i < size; i += 2) {
    const centre = f64x2.sub(f64x2.add(starts, f64x2.mul(pixel, steps)), middle);
    const wanted = f64x2.ceil(f64x2.sub(centre, one));
    const share = f64x2.add(f64x2.sub(wanted, centre), one);
    const given = f64x2.add(bits, f64x2.floor(f64x2.add(middle, f64x2.mul(share, whole))));
    // What the first has not is the second's, in the upper 16 bits.
    const two = v128.and(low, i32x4.sub(both, i32x4.mul(given, forOther)));
    v128.store64_lane(weights, two, 0);
    v128.store64_lane(weights + 2 * taps, two, 1);
    v128.store64_lane(at + i * 4, i32x4.shuffle(f64x2.add(bits, wanted), two, 0, 2, 0, 2), 0);
    weights += 4 * taps;
    pixel = f64x2.add(pixel, f64x2.splat(2));
  }
}

function triangle(source: i32, centre: f64, half: f64): f64 {
  return Math.max(0, half - Math.abs(f64(source) - centre));
}

// In memory, since V8 makes a constant anew wherever it is used. What rounds the sum of upper bytes; what rounds that of words, from which 256 times the former is taken; upper bytes.
const upperHalves = memory.data<u16>([128, 128, 128, 128, 128, 128, 128, 128], 16);
const wordHalves = memory.data<u16>([32_896, 32_896, 32_896, 32_896, 32_896, 32_896, 32_896, 32_896], 16);
const upperBytes = memory.data<u16>([65_280, 65_280, 65_280, 65_280, 65_280, 65_280, 65_280, 65_280], 16);

/**
 * The weighted mean of `taps` rows, two at least, each `stride` bytes after the one before, `bytes` of them to `out`,
 * rounded up to 16.
 *
 * Two bytes are a word, and what is above 16 bits is lost: the weighted sum of words, less 256 times that of their upper bytes, is that of their lower ones. So none of them has to be taken out.
 * Two, three and four rows have loops of their own: one over so few takes as long as they do.
 */
export function averageRows(at: usize, stride: i32, weights: usize, taps: i32, bytes: i32, out: usize): void {
  if (taps === 2) averageTwo(at, stride, weights, bytes, out);
  else if (taps === 3) averageThree(at, stride, weights, bytes, out);
  else if (taps === 4) averageFour(at, stride, weights, bytes, out);
  else averageMany(at, stride, weights, taps, bytes, out);
}

/** Here bytes are made numbers of their own: of two rows that is no more. */
function averageTwo(at: usize, stride: i32, weights: usize, bytes: i32, out: usize): void {
  const half = v128.load(upperHalves);
  const weight0 = v128.load16_splat(weights);
  const weight1 = v128.load16_splat(weights, 2);
  for (let byte: i32 = 0; byte < bytes; byte += 16) {
    const pixels0 = v128.load(at + byte);
    const pixels1 = v128.load(at + byte + stride);
    let low = i16x8.add(half, i16x8.mul(i16x8.extend_low_i8x16_u(pixels0), weight0));
    let high = i16x8.add(half, i16x8.mul(i16x8.extend_high_i8x16_u(pixels0), weight0));
    low = i16x8.add(low, i16x8.mul(i16x8.extend_low_i8x16_u(pixels1), weight1));
    high = i16x8.add(high, i16x8.mul(i16x8.extend_high_i8x16_u(pixels1), weight1));
    v128.store(out + byte, i8x16.narrow_i16x8_u(i16x8.shr_u(low, 8), i16x8.shr_u(high, 8)));
  }
}

function averageThree(at: usize, stride: i32, weights: usize, bytes: i32, out: usize): void {
  const weight0 = v128.load16_splat(weights);
  const weight1 = v128.load16_splat(weights, 2);
  const weight2 = v128.load16_splat(weights, 4);
  const half = v128.load(upperHalves);
  const wordHalf = v128.load(wordHalves);
  const upper = v128.load(upperBytes);
  for (let byte: i32 = 0; byte < bytes; byte += 16) {
    const source = at + byte;
    const pixels0 = v128.load(source);
    const pixels1 = v128.load(source + stride);
    const pixels2 = v128.load(source + 2 * stride);
    const words = added(added(added(wordHalf, pixels0, weight0), pixels1, weight1), pixels2, weight2);
    const two = addedUpper(addedUpper(half, pixels0, weight0), pixels1, weight1);
    v128.store(out + byte, bytesOf(words, addedUpper(two, pixels2, weight2), upper));
  }
}

function averageFour(at: usize, stride: i32, weights: usize, bytes: i32, out: usize): void {
  const weight0 = v128.load16_splat(weights);
  const weight1 = v128.load16_splat(weights, 2);
  const weight2 = v128.load16_splat(weights, 4);
  const weight3 = v128.load16_splat(weights, 6);
  const half = v128.load(upperHalves);
  const wordHalf = v128.load(wordHalves);
  const upper = v128.load(upperBytes);
  for (let byte: i32 = 0; byte < bytes; byte += 16) {
    const source = at + byte;
    const third = source + 2 * stride;
    const pixels0 = v128.load(source);
    const pixels1 = v128.load(source + stride);
    const pixels2 = v128.load(third);
    const pixels3 = v128.load(third + stride);
    const two = added(added(wordHalf, pixels0, weight0), pixels1, weight1);
    const twoUpper = addedUpper(addedUpper(half, pixels0, weight0), pixels1, weight1);
    const words = added(added(two, pixels2, weight2), pixels3, weight3);
    const uppers = addedUpper(addedUpper(twoUpper, pixels2, weight2), pixels3, weight3);
    v128.store(out + byte, bytesOf(words, uppers, upper));
  }
}

function averageMany(at: usize, stride: i32, weights: usize, taps: i32, bytes: i32, out: usize): void {
  const upper = v128.load(upperBytes);
  for (let byte: i32 = 0; byte < bytes; byte += 16) {
    let words = v128.load(wordHalves);
    let uppers = v128.load(upperHalves);
    for (let t: i32 = 0; t < taps; t++) {
      const pixels = v128.load(at + byte + t * stride);
      const weight = v128.load16_splat(weights + 2 * t);
      words = added(words, pixels, weight);
      uppers = addedUpper(uppers, pixels, weight);
    }
    v128.store(out + byte, bytesOf(words, uppers, upper));
  }
}

function added(sum: v128, words: v128, weight: v128): v128 {
  return i16x8.add(sum, i16x8.mul(words, weight));
}

function addedUpper(sum: v128, words: v128, weight: v128): v128 {
  return i16x8.add(sum, i16x8.mul(i16x8.shr_u(words, 8), weight));
}

/** 256th parts of the sums of lower and of upper bytes, side by side again. */
function bytesOf(words: v128, uppers: v128, upper: v128): v128 {
  const lowers = i16x8.sub(words, i16x8.shl(uppers, 8));
  return v128.or(i16x8.shr_u(lowers, 8), v128.and(uppers, upper));
}

/** Of four pixels which bytes are two of them, red, red, green, green, blue, blue; in memory, since V8 makes a constant anew wherever it is used. */
const firstTwo = memory.data<u8>([0, 255, 3, 255, 1, 255, 4, 255, 2, 255, 5, 255, 255, 255, 255, 255], 16);
const secondTwo = memory.data<u8>([6, 255, 9, 255, 7, 255, 10, 255, 8, 255, 11, 255, 255, 255, 255, 255], 16);
const halves = memory.data<i32>([128, 128, 128, 128], 16);

/** Rows of which the columns are averaged together: what is the same for all of them is loaded once. */
export const rowsTogether: i32 = 4;

/**
 * The weighted means of the columns that the pixels `[from, to)` of four rows of the crop cover, which lie `mixedBytes`
 * and `outBytes` apart. `taps` is even.
 */
export function averageColumns(
  mixed: usize,
  mixedBytes: i32,
  columns: usize,
  size: i32,
  taps: i32,
  from: i32,
  to: i32,
  out: usize,
  outBytes: i32,
): void {
  const weightBytes = 2 * taps;
  const end = columns + to * 4;
  const first = v128.load(firstTwo);
  const second = v128.load(secondTwo);
  const half = v128.load(halves);
  let weights = columns + size * 4 + from * weightBytes;
  let pixel = out + from * 3;
  for (let column = columns + from * 4; column < end; column += 4) {
    const source = mixed + load<i32>(column) * 3;
    const weight01 = v128.load32_splat(weights);
    const weight23 = v128.load32_splat(weights, 4);
    const four0 = v128.load(source);
    const four1 = v128.load(source + mixedBytes);
    const four2 = v128.load(source + 2 * mixedBytes);
    const four3 = v128.load(source + 3 * mixedBytes);
    let sum0 = i32x4.add(half, i32x4.dot_i16x8_s(i8x16.swizzle(four0, first), weight01));
    let sum1 = i32x4.add(half, i32x4.dot_i16x8_s(i8x16.swizzle(four1, first), weight01));
    let sum2 = i32x4.add(half, i32x4.dot_i16x8_s(i8x16.swizzle(four2, first), weight01));
    let sum3 = i32x4.add(half, i32x4.dot_i16x8_s(i8x16.swizzle(four3, first), weight01));
    sum0 = i32x4.add(sum0, i32x4.dot_i16x8_s(i8x16.swizzle(four0, second), weight23));
    sum1 = i32x4.add(sum1, i32x4.dot_i16x8_s(i8x16.swizzle(four1, second), weight23));
    sum2 = i32x4.add(sum2, i32x4.dot_i16x8_s(i8x16.swizzle(four2, second), weight23));
    sum3 = i32x4.add(sum3, i32x4.dot_i16x8_s(i8x16.swizzle(four3, second), weight23));
    for (let t: i32 = 4; t < taps; t += 2) {
      const weight = v128.load32_splat(weights + 2 * t);
      const next = source + 3 * t;
      sum0 = i32x4.add(sum0, twoColumns(next, first, weight));
      sum1 = i32x4.add(sum1, twoColumns(next + mixedBytes, first, weight));
      sum2 = i32x4.add(sum2, twoColumns(next + 2 * mixedBytes, first, weight));
      sum3 = i32x4.add(sum3, twoColumns(next + 3 * mixedBytes, first, weight));
    }
    // No sum is above 255.5 × 256, so that what is left of its 256th part fits a byte.
    const bytes = i8x16.narrow_i16x8_u(
      i16x8.narrow_i32x4_u(i32x4.shr_u(sum0, 8), i32x4.shr_u(sum1, 8)),
      i16x8.narrow_i32x4_u(i32x4.shr_u(sum2, 8), i32x4.shr_u(sum3, 8)),
    );
    if (column + 4 < end) {
      // Four bytes: the next pixel takes the last one back.
      v128.store32_lane(pixel, bytes, 0);
      v128.store32_lane(pixel + outBytes, bytes, 1);
      v128.store32_lane(pixel + 2 * outBytes, bytes, 2);
      v128.store32_lane(pixel + 3 * outBytes, bytes, 3);
    } else {
      storePixel(pixel, i32x4.extract_lane(bytes, 0));
      storePixel(pixel + outBytes, i32x4.extract_lane(bytes, 1));
      storePixel(pixel + 2 * outBytes, i32x4.extract_lane(bytes, 2));
      storePixel(pixel + 3 * outBytes, i32x4.extract_lane(bytes, 3));
    }
    weights += weightBytes;
    pixel += 3;
  }
}

function storePixel(at: usize, bytes: i32): void {
  store<i16>(at, bytes);
  store<u8>(at, bytes >> 16, 2);
}

/** Red, red, green, green, blue, blue of two pixels side by side, each as a number of 16 bits. `mask` says which they are. */
function twoColumns(source: usize, mask: v128, weight: v128): v128 {
  return i32x4.dot_i16x8_s(i8x16.swizzle(v128.load64_zero(source), mask), weight);
}
