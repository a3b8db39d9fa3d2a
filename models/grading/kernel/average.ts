/** The weights of a crop pixel add up to this: a weighted sum of bytes then fits 16 bits. */
const wholeWeight: f64 = 256;

/** Source pixels that one crop pixel averages along an axis, an even number. */
export function tapsOf(step: f64): i32 {
  return (i32(Math.ceil(2 * Math.max(step, 1))) + 1) & ~1;
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
    for (let t: i32 = 0; t < taps; t += 2) store<i32>(weights + 2 * t, 0);
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

/** The weighted mean of `taps` rows, each `stride` bytes after the one before, `bytes` of them to `out`, rounded up to 16. */
export function averageRows(at: usize, stride: i32, weights: usize, taps: i32, bytes: i32, out: usize): void {
  const half = i16x8.splat(128);
  for (let byte: i32 = 0; byte < bytes; byte += 16) {
    let low = half;
    let high = half;
    let source = at + byte;
    for (let t: i32 = 0; t < taps; t++) {
      const pixels = v128.load(source);
      const weight = v128.load16_splat(weights + 2 * t);
      low = i16x8.add(low, i16x8.mul(i16x8.extend_low_i8x16_u(pixels), weight));
      high = i16x8.add(high, i16x8.mul(i16x8.extend_high_i8x16_u(pixels), weight));
      source += stride;
    }
    v128.store(out + byte, i8x16.narrow_i16x8_u(i16x8.shr_u(low, 8), i16x8.shr_u(high, 8)));
  }
}

/** The weighted means of the columns that the pixels `[from, to)` of a row of the crop cover; clears the byte after them. */
export function averageColumns(
  mixed: usize,
  columns: usize,
  size: i32,
  taps: i32,
  from: i32,
  to: i32,
  out: usize,
): void {
  for (let j = from; j < to; j++) {
    let source = mixed + load<i32>(columns + j * 4) * 3;
    let weights = columns + size * 4 + j * 2 * taps;
    let sum = i32x4.splat(128);
    for (let t: i32 = 0; t < taps; t += 2) {
      // Of two pixels side by side red, red, green, green, blue, blue, each a number of 16 bits.
      const pair = i8x16.swizzle(
        v128.load64_zero(source),
        i8x16(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1),
      );
      sum = i32x4.add(sum, i32x4.dot_i16x8_s(pair, v128.load32_splat(weights)));
      source += 6;
      weights += 4;
    }
    // The second byte of a sum is its 256th part. Four are written; the next pixel, or the end, takes the last one back.
    const pixel = i8x16.shuffle(sum, sum, 1, 5, 9, 13, 1, 5, 9, 13, 1, 5, 9, 13, 1, 5, 9, 13);
    v128.store32_lane(out + j * 3, pixel, 0);
  }
  store<u8>(out + to * 3, 0);
}
