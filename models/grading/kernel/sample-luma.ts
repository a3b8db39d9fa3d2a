/** So many pixels are looked at together. */
const together: i32 = 4;
/** 256 times luma, by the red and blue of a pixel and by its green, 16 bits each; in memory, since V8 makes a constant anew wherever it is used. */
const redBlueWeights = memory.data<i16>([77, 29, 77, 29, 77, 29, 77, 29], 16);
const greenWeights = memory.data<i16>([150, 0, 150, 0, 150, 0, 150, 0], 16);
const redBlueBytes = memory.data<i32>([0xff00ff, 0xff00ff, 0xff00ff, 0xff00ff], 16);
const greenBytes = memory.data<i32>([255, 255, 255, 255], 16);

/**
 * Of every `every`th pixel of every `every`th row inside the crop uint8 [size, size, 3] that is not black, 256 times its luma; and of those whose four neighbours are not black
 * either, how far that is from theirs together (its Laplacian). To `out`, float64 [6]: how many the first are, their sum and that of their squares; and the same of the second.
 */
export function sampleLuma(crop: usize, size: i32, every: i32, out: usize): void {
  const row = size * 3;
  const stride = every * 3;
  const zero = i32x4.splat(0);
  let pixels = zero;
  let lumas = zero;
  let lumaSquares = f64x2.splat(0);
  let inside = zero;
  let laplacians = zero;
  let squares = f64x2.splat(0);
  for (let y: i32 = 1; y < size - 1; y += every) {
    let at = crop + y * row + 3;
    for (let left = (size - 3) / every + 1; left > 0; left -= together, at += together * stride) {
      const centre = lumasOf(at, stride, left);
      const before = lumasOf(at - 3, stride, left);
      const after = lumasOf(at + 3, stride, left);
      const above = lumasOf(at - row, stride, left);
      const below = lumasOf(at + row, stride, left);
      pixels = i32x4.sub(pixels, i32x4.gt_s(centre, zero));
      lumas = i32x4.add(lumas, centre);
      lumaSquares = f64x2.add(lumaSquares, squaresOf(centre));
      const darkest = i32x4.min_s(i32x4.min_s(before, after), i32x4.min_s(above, below));
      const isInside = i32x4.gt_s(i32x4.min_s(centre, darkest), zero);
      const around = i32x4.add(i32x4.add(before, after), i32x4.add(above, below));
      const laplacian = v128.and(isInside, i32x4.sub(around, i32x4.shl(centre, 2)));
      inside = i32x4.sub(inside, isInside);
      laplacians = i32x4.add(laplacians, laplacian);
      squares = f64x2.add(squares, squaresOf(laplacian));
    }
  }
  store<f64>(out, sumOf(pixels));
  store<f64>(out, sumOf(lumas), 8);
  store<f64>(out, f64x2.extract_lane(lumaSquares, 0) + f64x2.extract_lane(lumaSquares, 1), 16);
  store<f64>(out, sumOf(inside), 24);
  store<f64>(out, sumOf(laplacians), 32);
  store<f64>(out, f64x2.extract_lane(squares, 0) + f64x2.extract_lane(squares, 1), 40);
}

/** 256 times the luma of four pixels, or of as many as are `left`: the others are black. */
function lumasOf(at: usize, stride: i32, left: i32): v128 {
  let pixel = v128.load32_zero(at);
  if (left > 1) pixel = v128.load32_lane(at + stride, pixel, 1);
  if (left > 2) pixel = v128.load32_lane(at + 2 * stride, pixel, 2);
  if (left > 3) pixel = v128.load32_lane(at + 3 * stride, pixel, 3);
  const redBlue = v128.and(pixel, v128.load(redBlueBytes));
  const green = v128.and(i32x4.shr_u(pixel, 8), v128.load(greenBytes));
  return i32x4.add(
    i32x4.dot_i16x8_s(redBlue, v128.load(redBlueWeights)),
    i32x4.dot_i16x8_s(green, v128.load(greenWeights)),
  );
}

/** Two and two of four together. */
function squaresOf(four: v128): v128 {
  const low = f64x2.convert_low_i32x4_s(four);
  const high = f64x2.convert_low_i32x4_s(i64x2.shuffle(four, four, 1, 0));
  return f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high));
}

function sumOf(four: v128): f64 {
  const low = f64x2.convert_low_i32x4_s(four);
  const high = f64x2.convert_low_i32x4_s(i64x2.shuffle(four, four, 1, 0));
  const two = f64x2.add(low, high);
  return f64x2.extract_lane(two, 0) + f64x2.extract_lane(two, 1);
}
