import { columns, frame, height, means, rows, width } from './scene';

/** A ray that ends further inside than this share of the ellipse may have met rot. */
export const dent: f64 = 0.04;
/** Rot is browner than the belt in its shadow by about twice this, see `brownOf`; red light that a fruit throws on it may make it half as brown. */
const brownMin: f64 = 18;
/** So much browner along one ray is more than noise. */
const brownSumMin: f64 = 42;

/**
 * Black rot at a fruit's rim is as dark as the belt, so that rays go through it as if it were a bite. But belt in shadow keeps its hue, and rot is
 * brown: each of `count` radii from (x, y), float32, that ends inside of the ellipse goes out as far as what lies before it is
 * browner than belt, and no farther than the radii of the ellipse, at `model`, or those at `limits`, both float32 [count]. `cos`, `sin`: float64 [count].
 */
export function followRot(
  x: f64,
  y: f64,
  count: i32,
  cos: usize,
  sin: usize,
  radii: usize,
  model: usize,
  limits: usize,
): void {
  for (let i: i32 = 0; i < count; i++) {
    const found = f64(load<f32>(radii + i * 4));
    const ellipse = f64(load<f32>(model + i * 4));
    if (!(found < (1 - dent) * ellipse)) continue;
    const end = Math.min(ellipse, load<f32>(limits + i * 4));
    const radius = followRay(x, y, load<f64>(cos + i * 8), load<f64>(sin + i * 8), found, end);
    store<f32>(radii + i * 4, f32(radius));
  }
}

/** The same of one ray: how far it goes. */
export function followRay(x: f64, y: f64, dx: f64, dy: f64, found: f64, end: f64): f64 {
  let sum: f64 = 0;
  let most: f64 = brownSumMin;
  let reached = found;
  for (let radius = found; radius < end; radius++) {
    const column = i32(Math.floor(x + radius * dx));
    const row = i32(Math.floor(y + radius * dy));
    if (u32(column) >= u32(width) || u32(row) >= u32(height)) break;
    sum += brownOf(column, row) - brownMin;
    if (sum <= most) continue;
    most = sum;
    reached = Math.min(radius + 1, end);
  }
  return reached;
}

/** How much more red, and less green, a pixel has than belt of its brightness, grey levels: of red thrice, less green twice and blue. */
function brownOf(column: i32, row: i32): f64 {
  const pixel = frame + (row * width + column) * 3;
  const red = i32(load<u8>(pixel));
  const green = i32(load<u8>(pixel, 1));
  const blue = i32(load<u8>(pixel, 2));
  const brown = f64(3 * red - 2 * green - blue);
  const cell = min(row >> 2, rows - 1) * columns + min(column >> 2, columns - 1);
  const belt = means + cell * 4;
  const figures = columns * rows * 4;
  const luma = f64(load<f32>(belt));
  if (luma <= 0) return brown;
  // The same of the belt, by its warmth and green.
  const beltBrown = f64(load<f32>(belt + figures) - load<f32>(belt + 2 * figures)) / 2;
  const brightness = f64(red + 2 * green + blue) / luma;
  // A roller's crest has more of the belt's brown than its cell has; more of its blue would make up for brown.
  return brown - beltBrown * (beltBrown > 0 ? brightness : Math.min(1, brightness));
}
