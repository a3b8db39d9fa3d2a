/** The weights of a crop pixel add up to this: a weighted sum of bytes then fits 16 bits. */
const wholeWeight: f64 = 256;

/** Source pixels that one crop pixel averages along an axis. */
export function tapsOf(step: f64): i32 {
  return i32(Math.ceil(2 * Math.max(step, 1)));
}

/**
 * Triangle weights for each of `size` crop pixels along one axis that start at `start`; sources beyond the frame repeat
 * its edge. To `at`: the first source per crop pixel, int32 [size], then weights int16 [size, taps], each row of them
 * 256 together.
 */
export function writeWeights(at: usize, size: i32, start: f64, step: f64, taps: i32, limit: i32): void {
  const half = Math.max(step, 1);
  for (let i: i32 = 0; i < size; i++) {
    const weights = at + size * 4 + i * 2 * taps;
    const centre = start + (f64(i) + 0.5) * step - 0.5;
    const wanted = i32(Math.ceil(centre - half));
    const from = min(max(wanted, 0), limit - taps);
    store<i32>(at + i * 4, from);
    if ((taps === 3 || taps === 4) && wanted === from) {
      writeFour(weights, f64(wanted) - centre, half);
      continue;
    }
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

/**
 * The same for four sources within the frame, the first `first` after the triangle's middle. Of three the fourth weighs
 * nothing, and its place is the next one's.
 */
function writeFour(weights: usize, first: f64, half: f64): void {
  const zero = f64x2.splat(0);
  const middle = f64x2.splat(half);
  const firsts = f64x2.splat(first);
  const share01 = f64x2.max(zero, f64x2.sub(middle, f64x2.abs(f64x2.add(firsts, f64x2(0, 1)))));
  const share23 = f64x2.max(zero, f64x2.sub(middle, f64x2.abs(f64x2.add(firsts, f64x2(2, 3)))));
  const upTo0 = f64x2.extract_lane(share01, 0);
  const upTo1 = upTo0 + f64x2.extract_lane(share01, 1);
  const upTo2 = upTo1 + f64x2.extract_lane(share23, 0);
  const upTo3 = upTo2 + f64x2.extract_lane(share23, 1);
  const scale = wholeWeight / upTo3;
  const given0 = i32(upTo0 * scale + 0.5);
  const given1 = i32(upTo1 * scale + 0.5);
  const given2 = i32(upTo2 * scale + 0.5);
  store<i16>(weights, given0);
  store<i16>(weights, given1 - given0, 2);
  store<i16>(weights, given2 - given1, 4);
  store<i16>(weights, i32(wholeWeight) - given2, 6);
}

function triangle(source: i32, centre: f64, half: f64): f64 {
  return Math.max(0, half - Math.abs(f64(source) - centre));
}

/**
 * The weighted mean of `taps` rows, two at least, each `stride` bytes after the one before, `bytes` of them to `out`,
 * rounded up to 16.
 */
export function averageRows(at: usize, stride: i32, weights: usize, taps: i32, bytes: i32, out: usize): void {
  const half = i16x8.splat(128);
  const weight0 = v128.load16_splat(weights);
  const weight1 = v128.load16_splat(weights, 2);
  // Of two rows there is no third: the second stands for it, and weighs nothing then.
  const thirdStride = taps > 2 ? 2 * stride : stride;
  const weight2 = taps > 2 ? v128.load16_splat(weights, 4) : i16x8.splat(0);
  for (let byte: i32 = 0; byte < bytes; byte += 16) {
    const source = at + byte;
    const pixels0 = v128.load(source);
    const pixels1 = v128.load(source + stride);
    const pixels2 = v128.load(source + thirdStride);
    let low = i16x8.add(half, i16x8.mul(i16x8.extend_low_i8x16_u(pixels0), weight0));
    let high = i16x8.add(half, i16x8.mul(i16x8.extend_high_i8x16_u(pixels0), weight0));
    low = i16x8.add(low, i16x8.mul(i16x8.extend_low_i8x16_u(pixels1), weight1));
    high = i16x8.add(high, i16x8.mul(i16x8.extend_high_i8x16_u(pixels1), weight1));
    low = i16x8.add(low, i16x8.mul(i16x8.extend_low_i8x16_u(pixels2), weight2));
    high = i16x8.add(high, i16x8.mul(i16x8.extend_high_i8x16_u(pixels2), weight2));
    for (let t: i32 = 3; t < taps; t++) {
      const pixels = v128.load(source + t * stride);
      const weight = v128.load16_splat(weights + 2 * t);
      low = i16x8.add(low, i16x8.mul(i16x8.extend_low_i8x16_u(pixels), weight));
      high = i16x8.add(high, i16x8.mul(i16x8.extend_high_i8x16_u(pixels), weight));
    }
    v128.store(out + byte, i8x16.narrow_i16x8_u(i16x8.shr_u(low, 8), i16x8.shr_u(high, 8)));
  }
}

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
  let weights = columns + size * 4 + from * weightBytes;
  let pixel = out + from * 3;
  for (let first = columns + from * 4; first < end; first += 4) {
    const source = mixed + load<i32>(first) * 3;
    const weight01 = v128.load32_splat(weights);
    const weight23 = v128.load32_splat(weights, 4);
    let sum0 = fourColumns(source, weight01, weight23);
    let sum1 = fourColumns(source + mixedBytes, weight01, weight23);
    let sum2 = fourColumns(source + 2 * mixedBytes, weight01, weight23);
    let sum3 = fourColumns(source + 3 * mixedBytes, weight01, weight23);
    for (let t: i32 = 4; t < taps; t += 2) {
      const weight = v128.load32_splat(weights + 2 * t);
      const next = source + 3 * t;
      sum0 = i32x4.add(sum0, twoColumns(next, weight));
      sum1 = i32x4.add(sum1, twoColumns(next + mixedBytes, weight));
      sum2 = i32x4.add(sum2, twoColumns(next + 2 * mixedBytes, weight));
      sum3 = i32x4.add(sum3, twoColumns(next + 3 * mixedBytes, weight));
    }
    // No sum is above 255.5 × 256, so that what is left of its 256th part fits a byte.
    const bytes = i8x16.narrow_i16x8_u(
      i16x8.narrow_i32x4_u(i32x4.shr_u(sum0, 8), i32x4.shr_u(sum1, 8)),
      i16x8.narrow_i32x4_u(i32x4.shr_u(sum2, 8), i32x4.shr_u(sum3, 8)),
    );
    if (first + 4 < end) {
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

/** Of two pixels side by side red, red, green, green, blue, blue, each a number of 16 bits: their weighted sum, and a half. */
function fourColumns(source: usize, weight01: v128, weight23: v128): v128 {
  const four = v128.load(source);
  const sum01 = i32x4.dot_i16x8_s(
    i8x16.swizzle(four, i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1)),
    weight01,
  );
  const sum23 = i32x4.dot_i16x8_s(
    i8x16.swizzle(four, i8x16(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1)),
    weight23,
  );
  return i32x4.add(i32x4.add(sum01, sum23), i32x4.splat(128));
}

function twoColumns(source: usize, weight: v128): v128 {
  const two = v128.load64_zero(source);
  return i32x4.dot_i16x8_s(
    i8x16.swizzle(two, i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1)),
    weight,
  );
}
