import { ellipseRadii } from './cast-rays';
import { bridgeRuns, dip, fillRuns, smooth, stickOut } from './repair-outline';

/** A ray that ends further inside than this share of the ellipse's radius shows a deep cavity, or rot: where that begins and ends is to be looked at. */
const plainDip: f64 = 0.2;
/** The middle of the rays is nearer to that of the ellipse than this share of its smaller half axis: small angles are their own sines. */
const offMiddleShare: f64 = 0.12;
/** Shares that are repeated at both ends of the table. */
const lapped: i32 = 2;
const turn: f64 = 2 * Math.PI;

/**
 * The outline of a plain fruit: what rays that its ellipse was fitted to found is spread over twice as many from the ellipse's middle, to `radii`, float32 [2 count].
 * Returns false, and leaves them as they are, where not all of those rays end at the ellipse, or nearly.
 *
 * `found`, float32 [count], with `foundCos` and `foundSin`, are the rays; `conic` is what `fitConic` made of them; (`x`, `y`) is the ellipse's middle as seen from where they begin.
 * `cos` and `sin`, float64 [2 count], and `model` are those of `traceOutline`; `scratch`: 12 count + 16 bytes.
 */
export function spreadOutline(
  count: i32,
  found: usize,
  foundCos: usize,
  foundSin: usize,
  conic: usize,
  x: f64,
  y: f64,
  semiMajor: f64,
  semiMinor: f64,
  cosMajor: f64,
  sinMajor: f64,
  cos: usize,
  sin: usize,
  radii: usize,
  model: usize,
  scratch: usize,
): bool {
  if (x * x + y * y > offMiddleShare * offMiddleShare * semiMinor * semiMinor) return false;
  const shares = scratch + lapped * 4;
  if (!sharesOf(count, found, foundCos, foundSin, conic, shares)) return false;
  for (let i: i32 = 0; i < lapped; i++) {
    store<f32>(scratch + i * 4, load<f32>(shares + (count - lapped + i) * 4));
    store<f32>(shares + (count + i) * 4, load<f32>(shares + i * 4));
  }
  ellipseRadii(semiMajor, semiMinor, cosMajor, sinMajor, 2 * count, cos, sin, model);
  const spread = shares + (count + lapped) * 4;
  const middleX = f64x2.splat(x);
  const middleY = f64x2.splat(y);
  const raysPerTurn = f64x2.splat(f64(count) / turn);
  let ray = f64x2(0, 0.5);
  const step = f64x2.splat(1);
  for (let i: i32 = 0; i < 2 * count; i += 2) {
    const dx = v128.load(cos + i * 8);
    const dy = v128.load(sin + i * 8);
    // Where the ray from the ellipse's middle ends, as an angle seen from where the others begin.
    const across = f64x2.sub(f64x2.mul(dx, middleY), f64x2.mul(dy, middleX));
    const along = f64x2.add(f64x2.mul(dx, middleX), f64x2.mul(dy, middleY));
    const away = f64x2.add(f64x2.promote_low_f32x4(v128.load64_zero(model + i * 4)), along);
    const place = f64x2.add(ray, f64x2.mul(raysPerTurn, f64x2.div(across, away)));
    const before = f64x2.floor(place);
    const further = f64x2.sub(place, before);
    const numbers = i32x4.trunc_sat_f64x2_s_zero(before);
    const first = v128.load64_zero(shares + i32x4.extract_lane(numbers, 0) * 4);
    const second = v128.load64_zero(shares + i32x4.extract_lane(numbers, 1) * 4);
    const from = f64x2.promote_low_f32x4(i32x4.shuffle(first, second, 0, 4, 0, 4));
    const to = f64x2.promote_low_f32x4(i32x4.shuffle(first, second, 1, 5, 1, 5));
    const both = f64x2.add(from, f64x2.mul(further, f64x2.sub(to, from)));
    v128.store64_lane(spread + i * 4, f32x4.demote_f64x2_zero(both), 0);
    ray = f64x2.add(ray, step);
  }
  smooth(2 * count, radii, model, spread);
  return true;
}

/** How far each ray goes, as a share of where it meets the ellipse, to `shares`, float32 [count], but for stems, which are cut off; returns whether none of them dips in. */
function sharesOf(count: i32, found: usize, cos: usize, sin: usize, conic: usize, shares: usize): bool {
  const a = v128.load64_splat(conic);
  const b = v128.load64_splat(conic + 8);
  const c = v128.load64_splat(conic + 16);
  const d = v128.load64_splat(conic + 24);
  const e = v128.load64_splat(conic + 32);
  const perUnit = f64x2.splat(0.5 / load<f64>(conic, 40));
  const four = f64x2.splat(4);
  let out: i32 = 0;
  let dips: i32 = 0;
  for (let i: i32 = 0; i < count; i += 2) {
    const dx = v128.load(cos + i * 8);
    const dy = v128.load(sin + i * 8);
    const quadratic = f64x2.add(
      f64x2.mul(f64x2.add(f64x2.mul(a, dx), f64x2.mul(b, dy)), dx),
      f64x2.mul(f64x2.mul(c, dy), dy),
    );
    const linear = f64x2.add(f64x2.mul(d, dx), f64x2.mul(e, dy));
    // One over the ellipse's radius, see `fit-conic.ts`.
    const root = f64x2.sqrt(f64x2.add(f64x2.mul(linear, linear), f64x2.mul(four, quadratic)));
    const perRadius = f64x2.mul(f64x2.add(linear, root), perUnit);
    const both = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(found + i * 4)), perRadius);
    v128.store64_lane(shares + i * 4, f32x4.demote_f64x2_zero(both), 0);
    if (i64x2.bitmask(f64x2.lt(both, f64x2.splat(1 - plainDip))) !== 0) return false;
    out += i32(i64x2.bitmask(f64x2.le(both, f64x2.splat(1 + stickOut))) !== 3);
    dips += i64x2.bitmask(f64x2.lt(both, f64x2.splat(1 - dip)));
  }
  if (out > 0) bridgeRuns(count, shares);
  if (dips > 0) fillRuns(count, shares);
  return true;
}
