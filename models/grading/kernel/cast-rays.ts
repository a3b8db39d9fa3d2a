import { columns, frame, height, pixelLimits, rows, width } from './scene';

/**
 * Pixels of a ray that are looked at together, four in a vector, without a jump between them: one that is guessed wrong costs as much
 * as several of them.
 */
const together: i32 = 8;

/**
 * For each of `count` rays, an even number, whose cosines and sines float64 [count] stand at `cos` and `sin`, the distance from (x, y) to
 * the outermost fruit, two pixels of it in a row, to `radii`, float32 [count]; NaN where the frame's edge cuts the fruit,
 * or there is none. Rays start about `farther` times as far out as `starts`, float32 [count], where that is within the box of
 * half width `reachX` and half height `reachY` around (x, y); with `orFromBox` those that start on fruit start at
 * the box instead.
 */
export function castRays(
  x: f64,
  y: f64,
  reachX: f64,
  reachY: f64,
  count: i32,
  cos: usize,
  sin: usize,
  starts: usize,
  farther: f64,
  orFromBox: bool,
  radii: usize,
): void {
  const radiusMin = 0.35 * Math.min(reachX, reachY);
  const least = v128.load(leasts);
  const reachesX = f64x2.splat(reachX);
  const reachesY = f64x2.splat(reachY);
  const shares = f64x2.splat(farther);
  const zero = f64x2.splat(0);
  const one = v128.load(ones);
  const parts = v128.load(pixelParts);
  const fromX = f64x2.splat(x);
  const fromY = f64x2.splat(y);
  for (let i: i32 = 0; i < count; i += 2) {
    const dx = v128.load(cos + i * 8);
    const dy = v128.load(sin + i * 8);
    const toBox = f64x2.pmin(
      f64x2.div(reachesX, f64x2.pmax(f64x2.abs(dx), least)),
      f64x2.div(reachesY, f64x2.pmax(f64x2.abs(dy), least)),
    );
    const wanted = f64x2.mul(shares, f64x2.promote_low_f32x4(v128.load64_zero(starts + i * 4)));
    // In this order what is no number stays none.
    const start = f64x2.sub(toBox, f64x2.pmax(f64x2.floor(f64x2.sub(toBox, wanted)), zero));
    // Of both rays the steps along x and y, and where they begin, in 65,536th of a pixel.
    const step = partsOf(f64x2.mul(dx, parts), f64x2.mul(dy, parts));
    const before = f64x2.sub(start, one);
    const beforeX = f64x2.add(fromX, f64x2.mul(before, dx));
    const beforeY = f64x2.add(fromY, f64x2.mul(before, dy));
    const at = i32x4.add(partsOf(f64x2.mul(beforeX, parts), f64x2.mul(beforeY, parts)), step);
    const atX0 = i32x4.extract_lane(at, 0);
    const atY0 = i32x4.extract_lane(at, 2);
    const stepX0 = i32x4.extract_lane(step, 0);
    const stepY0 = i32x4.extract_lane(step, 2);
    const start0 = f64x2.extract_lane(start, 0);
    let radius0 = castRay(atX0, atY0, stepX0, stepY0, start0, radiusMin);
    const atX1 = i32x4.extract_lane(at, 1);
    const atY1 = i32x4.extract_lane(at, 3);
    const stepX1 = i32x4.extract_lane(step, 1);
    const stepY1 = i32x4.extract_lane(step, 3);
    const start1 = f64x2.extract_lane(start, 1);
    let radius1 = castRay(atX1, atY1, stepX1, stepY1, start1, radiusMin);
    if (orFromBox) {
      const box0 = f64x2.extract_lane(toBox, 0);
      const box1 = f64x2.extract_lane(toBox, 1);
      if (radius0 > start0 && start0 < box0)
        radius0 = castFrom(x, y, cos + i * 8, sin + i * 8, box0, radiusMin);
      if (radius1 > start1 && start1 < box1)
        radius1 = castFrom(x, y, cos + i * 8 + 8, sin + i * 8 + 8, box1, radiusMin);
    }
    store<f32>(radii + i * 4, f32(radius0));
    store<f32>(radii + i * 4 + 4, f32(radius1));
  }
}

/** Whole numbers towards 0, of two and two. */
function partsOf(first: v128, second: v128): v128 {
  return i64x2.shuffle(i32x4.trunc_sat_f64x2_s_zero(first), i32x4.trunc_sat_f64x2_s_zero(second), 0, 2);
}

/** The ray whose cosine and sine stand there. */
function castFrom(x: f64, y: f64, cos: usize, sin: usize, start: f64, radiusMin: f64): f64 {
  const dx = load<f64>(cos);
  const dy = load<f64>(sin);
  const stepX = i32(dx * 65_536);
  const stepY = i32(dy * 65_536);
  const atX = i32((x + (start - 1) * dx) * 65_536) + stepX;
  const atY = i32((y + (start - 1) * dy) * 65_536) + stepY;
  return castRay(atX, atY, stepX, stepY, start, radiusMin);
}

/** Inwards from (atX, atY), which is `start` away from where rays begin. */
function castRay(atX: i32, atY: i32, stepX: i32, stepY: i32, start: f64, radiusMin: f64): f64 {
  let radius = start;
  if (isOutside(atX, atY)) {
    while (radius > radiusMin && isOutside(atX, atY)) {
      atX -= stepX;
      atY -= stepY;
      radius--;
    }
    // The ray came in through the frame's edge: if it is on the fruit at once, it shows no edge of the fruit.
    if (radius <= radiusMin || (lookAlong(atX, atY, stepX, stepY) & 1) !== 0) return f64.NaN;
  }
  while (radius - 1 > radiusMin) {
    const fruit = lookAlong(atX, atY, stepX, stepY);
    const pairs = fruit & (fruit >> 1);
    if (pairs !== 0) {
      const edge = radius - ctz(pairs);
      return edge - 1 > radiusMin ? edge + 0.5 : f64.NaN;
    }
    // The last one may be the first of a pair.
    atX -= (together - 1) * stepX;
    atY -= (together - 1) * stepY;
    radius -= together - 1;
  }
  return f64.NaN;
}

function isOutside(atX: i32, atY: i32): bool {
  return u32(atX >> 16) >= u32(width) || u32(atY >> 16) >= u32(height);
}

/** In memory, since V8 makes a constant anew wherever it is used. */
const firstFour = memory.data<i32>([0, 1, 2, 3], 16);
const lowBytes = memory.data<i32>([255, 255, 255, 255], 16);
const rowHalves = memory.data<i32>([-65_536, -65_536, -65_536, -65_536], 16);
const leasts = memory.data<f64>([1e-6, 1e-6], 16);
const ones = memory.data<f64>([1, 1], 16);
const pixelParts = memory.data<f64>([65_536, 65_536], 16);

/** A bit per pixel from (atX, atY) inwards, the outermost lowest: whether it is fruit. */
function lookAlong(atX: i32, atY: i32, stepX: i32, stepY: i32): i32 {
  const four = v128.load(firstFour);
  const stepsX = i32x4.splat(stepX);
  const stepsY = i32x4.splat(stepY);
  const x0 = i32x4.sub(i32x4.splat(atX), i32x4.mul(stepsX, four));
  const y0 = i32x4.sub(i32x4.splat(atY), i32x4.mul(stepsY, four));
  const x1 = i32x4.sub(x0, i32x4.shl(stepsX, 2));
  const y1 = i32x4.sub(y0, i32x4.shl(stepsY, 2));
  // Column and row of each pixel, 16 bits each.
  const highHalves = v128.load(rowHalves);
  const places0 = v128.or(i32x4.shr_u(x0, 16), v128.and(y0, highHalves));
  const places1 = v128.or(i32x4.shr_u(x1, 16), v128.and(y1, highHalves));

  const perPlace = i32x4.splat((width << 16) | 1);
  const byte = v128.load(lowBytes);
  const pixels0 = fourPixels(i32x4.dot_i16x8_s(places0, perPlace));
  const pixels1 = fourPixels(i32x4.dot_i16x8_s(places1, perPlace));
  const red = i16x8.narrow_i32x4_s(v128.and(pixels0, byte), v128.and(pixels1, byte));
  const green = i16x8.narrow_i32x4_s(
    v128.and(i32x4.shr_u(pixels0, 8), byte),
    v128.and(i32x4.shr_u(pixels1, 8), byte),
  );
  const blue = i16x8.narrow_i32x4_s(
    v128.and(i32x4.shr_u(pixels0, 16), byte),
    v128.and(i32x4.shr_u(pixels1, 16), byte),
  );
  // Half of each pixel's luma, warmth and green, rounded down, as they are limited; see `scene.ts`.
  const redBlue = i16x8.add(red, blue);
  const twiceGreen = i16x8.add(green, green);
  const luma = i16x8.shr_s(i16x8.add(redBlue, twiceGreen), 3);
  const warm = i16x8.sub(red, blue);
  const leaf = i16x8.sub(twiceGreen, redBlue);
  const lumaCold = i8x16.narrow_i16x8_s(luma, i16x8.shr_s(i16x8.neg(warm), 1));
  const warmRed = i8x16.narrow_i16x8_s(i16x8.shr_s(warm, 1), i16x8.shr_s(i16x8.neg(leaf), 2));
  const greens = i8x16.narrow_i16x8_s(i16x8.shr_s(leaf, 2), i16x8.shr_s(leaf, 2));

  const perCell = i32x4.splat((columns << 16) | 1);
  const lastCell = i32x4.splat(((rows - 1) << 16) | (columns - 1));
  const cells0 = i16x8.min_s(i16x8.shr_u(places0, 2), lastCell);
  const cells1 = i16x8.min_s(i16x8.shr_u(places1, 2), lastCell);
  const limits0 = i32x4.shl(i32x4.dot_i16x8_s(cells0, perCell), 3);
  const limits1 = i32x4.shl(i32x4.dot_i16x8_s(cells1, perCell), 3);
  // Eight rows of five limits become five of eight.
  const ab = bytesOfTwo(i32x4.extract_lane(limits0, 0), i32x4.extract_lane(limits0, 1));
  const cd = bytesOfTwo(i32x4.extract_lane(limits0, 2), i32x4.extract_lane(limits0, 3));
  const ef = bytesOfTwo(i32x4.extract_lane(limits1, 0), i32x4.extract_lane(limits1, 1));
  const gh = bytesOfTwo(i32x4.extract_lane(limits1, 2), i32x4.extract_lane(limits1, 3));
  const abcd = i16x8.shuffle(ab, cd, 0, 8, 1, 9, 2, 10, 3, 11);
  const efgh = i16x8.shuffle(ef, gh, 0, 8, 1, 9, 2, 10, 3, 11);
  const abcd4 = i16x8.shuffle(ab, cd, 4, 12, 5, 13, 6, 14, 7, 15);
  const efgh4 = i16x8.shuffle(ef, gh, 4, 12, 5, 13, 6, 14, 7, 15);
  const limits01 = i32x4.shuffle(abcd, efgh, 0, 4, 1, 5);
  const limits23 = i32x4.shuffle(abcd, efgh, 2, 6, 3, 7);
  const limits4 = i64x2.shuffle(i32x4.shuffle(abcd4, efgh4, 0, 4, 1, 5), greens, 0, 2);
  let outside = v128.or(i8x16.gt_s(lumaCold, limits01), i8x16.gt_s(warmRed, limits23));
  // Of the last eight none is above itself.
  outside = v128.or(outside, i8x16.gt_s(greens, limits4));
  const bits = i8x16.bitmask(outside);
  return (bits | (bits >> 8)) & 255;
}

/** Of the limits of two cells, the first of one and of the other, then the second of both, and so on. */
function bytesOfTwo(one: i32, other: i32): v128 {
  const ofOne = v128.load64_zero(pixelLimits + one);
  const ofOther = v128.load64_zero(pixelLimits + other);
  // biome-ignore format: one line
  return i8x16.shuffle(ofOne, ofOther, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** Those whose numbers in the frame are given. */
function fourPixels(numbers: v128): v128 {
  const at = i32x4.add(i32x4.add(numbers, numbers), numbers);
  let pixels = v128.load32_zero(frame + i32x4.extract_lane(at, 0));
  pixels = v128.load32_lane(frame + i32x4.extract_lane(at, 1), pixels, 1);
  pixels = v128.load32_lane(frame + i32x4.extract_lane(at, 2), pixels, 2);
  return v128.load32_lane(frame + i32x4.extract_lane(at, 3), pixels, 3);
}

/**
 * The distance from the centre of an ellipse to its edge along each of `count` rays, to `radii`, float32 [count], a multiple of 4. `cosMajor`
 * and `sinMajor` are those of the direction of its major axis; `cos` and `sin`: float32 [count].
 */
export function ellipseRadii(
  semiMajor: f32,
  semiMinor: f32,
  cosMajor: f32,
  sinMajor: f32,
  count: i32,
  cos: usize,
  sin: usize,
  radii: usize,
): void {
  const alongX = f32x4.splat(cosMajor / semiMajor);
  const alongY = f32x4.splat(sinMajor / semiMajor);
  const acrossX = f32x4.splat(sinMajor / semiMinor);
  const acrossY = f32x4.splat(cosMajor / semiMinor);
  for (let i: i32 = 0; i < count; i += 4) {
    const dx = v128.load(cos + i * 4);
    const dy = v128.load(sin + i * 4);
    v128.store(radii + i * 4, radiiOf(dx, dy, alongX, alongY, acrossX, acrossY));
  }
}

/** Of four rays; the others are the ellipse's axes, as shares of the half axes squared. */
export function radiiOf(dx: v128, dy: v128, alongX: v128, alongY: v128, acrossX: v128, acrossY: v128): v128 {
  const along = f32x4.add(f32x4.mul(dx, alongX), f32x4.mul(dy, alongY));
  const across = f32x4.sub(f32x4.mul(dy, acrossY), f32x4.mul(dx, acrossX));
  const squares = f32x4.add(f32x4.mul(along, along), f32x4.mul(across, across));
  return f32x4.div(f32x4.splat(1), f32x4.sqrt(squares));
}
