import { bounds, columns, frame, height, rows, width } from './scene';

const outside: i32 = -1;
const belt: i32 = 0;
const fruit: i32 = 1;
/** A single pixel is noisier than the sum of four that the bounds were made for. */
const lumaSlack: i32 = 16;
const warmSlack: i32 = 24;
const leafSlack: i32 = 20;

/**
 * For each of `count` rays, whose cosines and sines float64 [count] stand at `cos` and `sin`, the distance from (x, y) to
 * the outermost fruit, two pixels of it in a row, to `radii`, float32 [count]; NaN where the frame's edge cuts the fruit,
 * or there is none. Rays start at the box of half width `reachX` and half height `reachY` around (x, y); with `starts`,
 * float32 [count], if it is not 0, about `farther` times so far out, where that is within the box.
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
  radii: usize,
): void {
  const radiusMin = 0.35 * Math.min(reachX, reachY);
  for (let i: i32 = 0; i < count; i++) {
    const dx = load<f64>(cos + i * 8);
    const dy = load<f64>(sin + i * 8);
    const toBox = Math.min(reachX / Math.max(Math.abs(dx), 1e-6), reachY / Math.max(Math.abs(dy), 1e-6));
    const reach = starts === 0 ? toBox : farther * f64(load<f32>(starts + i * 4));
    const start = toBox - Math.max(0, Math.floor(toBox - reach));
    store<f32>(radii + i * 4, castRay(x, y, dx, dy, start, radiusMin));
  }
}

/**
 * Inwards. Of two pixels in a row one is met by steps of two, and most of the way is belt: the other is looked at only
 * beside fruit, and where the ray enters the frame. Places are counted in 65,536th of a pixel.
 */
function castRay(x: f64, y: f64, dx: f64, dy: f64, start: f64, radiusMin: f64): f32 {
  const stepX = i32(dx * 65_536);
  const stepY = i32(dy * 65_536);
  let atX = i32((x + (start - 1) * dx) * 65_536);
  let atY = i32((y + (start - 1) * dy) * 65_536);
  for (let radius = start - 1; radius > radiusMin; radius -= 2) {
    const here = look(atX, atY);
    if (here !== belt) {
      const inner = look(atX - stepX, atY - stepY);
      if (here === outside) {
        // The ray came in through the frame's edge and was on the fruit at once: it shows no edge of the fruit.
        if (inner === fruit) break;
      } else {
        const outer = look(atX + stepX, atY + stepY);
        if (outer === outside) break;
        if (outer === fruit) return f32(radius + 1.5);
        if (inner === fruit && radius - 1 > radiusMin) return f32(radius + 0.5);
      }
    }
    atX -= 2 * stepX;
    atY -= 2 * stepY;
  }
  return f32.NaN;
}

/** `fruit` or `belt`, or `outside` of the frame. */
function look(atX: i32, atY: i32): i32 {
  const x = atX >> 16;
  const y = atY >> 16;
  if (u32(x) >= u32(width) || u32(y) >= u32(height)) return outside;
  const at = frame + (y * width + x) * 3;
  const red = i32(load<u8>(at)) * 4;
  const green = i32(load<u8>(at, 1)) * 4;
  const blue = i32(load<u8>(at, 2)) * 4;
  const plane = columns * rows * 2;
  const limits = bounds + (min(y >> 2, rows - 1) * columns + min(x >> 2, columns - 1)) * 2;
  const warm = red - blue;
  const leaf = green - ((red + blue) >> 1);
  // All five are compared: a jump that is guessed wrong costs more.
  return (
    i32((red + 2 * green + blue) >> 2 > i32(load<i16>(limits)) + lumaSlack) |
    i32(warm < i32(load<i16>(limits + plane)) - warmSlack) |
    i32(warm > i32(load<i16>(limits + 2 * plane)) + warmSlack) |
    i32(leaf < i32(load<i16>(limits + 3 * plane)) - leafSlack) |
    i32(leaf > i32(load<i16>(limits + 4 * plane)) + leafSlack)
  );
}

/**
 * The distance from the centre of an ellipse to its edge along each of `count` rays, to `radii`, float32 [count]. `cosMajor`
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
  for (let i: i32 = 0; i < count; i++) {
    const dx = load<f64>(cos + i * 8);
    const dy = load<f64>(sin + i * 8);
    const along = (dx * cosMajor + dy * sinMajor) / semiMajor;
    const across = (dy * cosMajor - dx * sinMajor) / semiMinor;
    store<f32>(radii + i * 4, f32(1 / Math.sqrt(along * along + across * across)));
  }
}
