import { columns, frame, height, pixelLimits, rows, width } from './scene';

/** Pixels of a ray that are looked at together, without a jump between them: one that is guessed wrong costs as much as two of them. */
const together: i32 = 6;

/**
 * For each of `count` rays, whose cosines and sines float64 [count] stand at `cos` and `sin`, the distance from (x, y) to
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
  for (let i: i32 = 0; i < count; i++) {
    const dx = load<f64>(cos + i * 8);
    const dy = load<f64>(sin + i * 8);
    const toBox = Math.min(reachX / Math.max(Math.abs(dx), 1e-6), reachY / Math.max(Math.abs(dy), 1e-6));
    const start = toBox - Math.max(0, Math.floor(toBox - farther * f64(load<f32>(starts + i * 4))));
    let radius = castRay(x, y, dx, dy, start, radiusMin);
    if (orFromBox && radius > start && start < toBox) radius = castRay(x, y, dx, dy, toBox, radiusMin);
    store<f32>(radii + i * 4, f32(radius));
  }
}

/** Inwards from `start`. Places are counted in 65,536th of a pixel. */
function castRay(x: f64, y: f64, dx: f64, dy: f64, start: f64, radiusMin: f64): f64 {
  const stepX = i32(dx * 65_536);
  const stepY = i32(dy * 65_536);
  let atX = i32((x + (start - 1) * dx) * 65_536) + stepX;
  let atY = i32((y + (start - 1) * dy) * 65_536) + stepY;
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

/** A bit per pixel from (atX, atY) inwards, the outermost lowest: whether it is fruit. */
function lookAlong(atX: i32, atY: i32, stepX: i32, stepY: i32): i32 {
  let fruit: i32 = 0;
  for (let k: i32 = 0; k < together; k++) {
    const x = atX >> 16;
    const y = atY >> 16;
    const pixel = v128.load32_splat(frame + (y * width + x) * 3);
    const limits = pixelLimits + (min(y >> 2, rows - 1) * columns + min(x >> 2, columns - 1)) * 16;
    const red = i8x16.swizzle(pixel, i8x16(0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1));
    const green = i8x16.swizzle(pixel, i8x16(1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1));
    const blue = i8x16.swizzle(pixel, i8x16(2, -1, 2, -1, 2, -1, 2, -1, 2, -1, 2, -1, 2, -1, 2, -1));
    // Four times the pixel's luma, warmth and green, each as it is limited; see `scene.ts`.
    const redBlue = i16x8.add(
      i16x8.mul(red, i16x8(1, -4, 4, 2, -2, 0, 0, 0)),
      i16x8.mul(blue, i16x8(1, 4, -4, 2, -2, 0, 0, 0)),
    );
    const figures = i16x8.add(redBlue, i16x8.mul(green, i16x8(2, 0, 0, -4, 4, 0, 0, 0)));
    fruit |= i32(v128.any_true(i16x8.gt_s(figures, v128.load(limits)))) << k;
    atX -= stepX;
    atY -= stepY;
  }
  return fruit;
}

/**
 * The distance from the centre of an ellipse to its edge along each of `count` rays, to `radii`, float32 [count], an even number. `cosMajor`
 * and `sinMajor` are those of the direction of its major axis.
 */
export function ellipseRadii(
  semiMajor: f64,
  semiMinor: f64,
  cosMajor: f64,
  sinMajor: f64,
  count: i32,
  cos: usize,
  sin: usize,
  radii: usize,
): void {
  const alongX = f64x2.splat(cosMajor / semiMajor);
  const alongY = f64x2.splat(sinMajor / semiMajor);
  const acrossX = f64x2.splat(sinMajor / semiMinor);
  const acrossY = f64x2.splat(cosMajor / semiMinor);
  const one = f64x2.splat(1);
  for (let i: i32 = 0; i < count; i += 2) {
    const dx = v128.load(cos + i * 8);
    const dy = v128.load(sin + i * 8);
    const along = f64x2.add(f64x2.mul(dx, alongX), f64x2.mul(dy, alongY));
    const across = f64x2.sub(f64x2.mul(dy, acrossY), f64x2.mul(dx, acrossX));
    const squares = f64x2.add(f64x2.mul(along, along), f64x2.mul(across, across));
    const two = f32x4.demote_f64x2_zero(f64x2.div(one, f64x2.sqrt(squares)));
    v128.store64_lane(radii + i * 4, two, 0);
  }
}
