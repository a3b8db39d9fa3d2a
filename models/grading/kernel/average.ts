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
  for (let byte: i32 = 0; byte < bytes; byte += 16) {
    let source = at + byte;
    const pixels0 = v128.load(source);
    const pixels1 = v128.load(source + stride);
    let low = i16x8.add(half, i16x8.mul(i16x8.extend_low_i8x16_u(pixels0), weight0));
    let high = i16x8.add(half, i16x8.mul(i16x8.extend_high_i8x16_u(pixels0), weight0));
    low = i16x8.add(low, i16x8.mul(i16x8.extend_low_i8x16_u(pixels1), weight1));
    high = i16x8.add(high, i16x8.mul(i16x8.extend_high_i8x16_u(pixels1), weight1));
    source += 2 * stride;
    for (let t: i32 = 2; t < taps; t++) {
      const pixels = v128.load(source);
      const weight = v128.load16_splat(weights + 2 * t);
      low = i16x8.add(low, i16x8.mul(i16x8.extend_low_i8x16_u(pixels), weight));
      high = i16x8.add(high, i16x8.mul(i16x8.extend_high_i8x16_u(pixels), weight));
      source += stride;
    }
    v128.store(out + byte, i8x16.narrow_i16x8_u(i16x8.shr_u(low, 8), i16x8.shr_u(high, 8)));
  }
}

/**
 * The weighted means of the columns that the pixels `[from, to)` of a row of the crop cover; clears the byte after them.
 * `taps` is even.
 */
export function averageColumns(
  mixed: usize,
  columns: usize,
  size: i32,
  taps: i32,
  from: i32,
  to: i32,
  out: usize,
): void {
  const weightBytes = 2 * taps;
  const end = columns + to * 4;
  let weights = columns + size * 4 + from * weightBytes;
  let pixel = out + from * 3;
  for (let first = columns + from * 4; first < end; first += 4) {
    let source = mixed + load<i32>(first) * 3;
    const four = v128.load(source);
    // Of two pixels side by side red, red, green, green, blue, blue, each a number of 16 bits.
    const sum01 = i32x4.dot_i16x8_s(
      i8x16.swizzle(four, i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1)),
      v128.load32_splat(weights),
    );
    const sum23 = i32x4.dot_i16x8_s(
      i8x16.swizzle(four, i8x16(6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1)),
      v128.load32_splat(weights, 4),
    );
    let sum = i32x4.add(i32x4.add(sum01, sum23), i32x4.splat(128));
    for (let t: i32 = 4; t < taps; t += 2) {
      source += 6;
      const pair = i8x16.swizzle(
        v128.load64_zero(source, 6),
        i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1),
      );
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(pair, v128.load32_splat(weights + 2 * t)));
    }
    // The second byte of a sum is its 256th part. Four are written; the next pixel, or the end, takes the last one back.
    const bytes = i8x16.swizzle(sum, i8x16(1, 5, 9, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
    store<i32>(pixel, i32x4.extract_lane(bytes, 0));
    weights += weightBytes;
    pixel += 3;
  }
  store<u8>(pixel, 0);
}
