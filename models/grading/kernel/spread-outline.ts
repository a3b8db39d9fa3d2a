import { radiiOf } from './cast-rays';
import { dent, followRay } from './follow-rot';
import { bridgeRuns, dip, fillRuns, smooth, stickOut } from './repair-outline';

/** A ray that ends further inside than this share of the ellipse's radius shows a deep cavity: where that begins and ends is to be looked at. */
const plainDip: f64 = 0.2;
/** The middle of the rays is nearer to that of the ellipse than this share of its smaller half axis: small angles are their own sines. */
const offMiddleShare: f32 = 0.12;
/** Shares that are repeated at both ends of the table. */
const lapped: i32 = 2;
const turn: f32 = 6.283_185_5;

/**
 * The outline of a plain fruit: what rays that its ellipse was fitted to found is spread over twice as many from the ellipse's middle, to `radii`, float32 [2 count]; `count` is a multiple of 4.
 * Returns false, and leaves them as they are, where some of those rays end deep inside the ellipse.
 *
 * `found`, float32 [count], are the rays from (`fromX`, `fromY`), with cosines and sines float32 [count] at `foundCos` and `foundSin`; `conic` is what `fitConic` made of them; (`x`, `y`) is the ellipse's middle as seen
 * from where they begin. `cos` and `sin`, float32 [2 count], are those of the outline's. `model` is given the ellipse's own radii, float32 [2 count]; `scratch`: 12 count + 20 bytes.
 */
export function spreadOutline(
  count: i32,
  fromX: f64,
  fromY: f64,
  found: usize,
  foundCos: usize,
  foundSin: usize,
  conic: usize,
  x: f32,
  y: f32,
  semiMajor: f32,
  semiMinor: f32,
  cosMajor: f32,
  sinMajor: f32,
  cos: usize,
  sin: usize,
  radii: usize,
  model: usize,
  scratch: usize,
): bool {
  if (x * x + y * y > offMiddleShare * offMiddleShare * semiMinor * semiMinor) return false;
  const shares = scratch + lapped * 4;
  if (!sharesOf(count, fromX, fromY, found, foundCos, foundSin, conic, shares)) return false;
  for (let i: i32 = 0; i < lapped; i++) {
    store<f32>(scratch + i * 4, load<f32>(shares + (count - lapped + i) * 4));
    store<f32>(shares + (count + i) * 4, load<f32>(shares + i * 4));
  }
  const spread = shares + (count + lapped) * 4;
  const alongX = f32x4.splat(cosMajor / semiMajor);
  const alongY = f32x4.splat(sinMajor / semiMajor);
  const acrossX = f32x4.splat(sinMajor / semiMinor);
  const acrossY = f32x4.splat(cosMajor / semiMinor);
  const middleX = f32x4.splat(x);
  const middleY = f32x4.splat(y);
  const raysPerTurn = f32x4.splat(f32(count) / turn);
  let ray = f32x4(0, 0.5, 1, 1.5);
  const step = f32x4.splat(2);
  for (let i: i32 = 0; i < 2 * count; i += 4) {
    const dx = v128.load(cos + i * 4);
    const dy = v128.load(sin + i * 4);
    const radius = radiiOf(dx, dy, alongX, alongY, acrossX, acrossY);
    v128.store(model + i * 4, radius);
    // Where the ray from the ellipse's middle ends, as an angle seen from where the others begin.
    const sideways = f32x4.sub(f32x4.mul(dx, middleY), f32x4.mul(dy, middleX));
    const away = f32x4.add(radius, f32x4.add(f32x4.mul(dx, middleX), f32x4.mul(dy, middleY)));
    const place = f32x4.add(ray, f32x4.mul(raysPerTurn, f32x4.div(sideways, away)));
    const before = f32x4.floor(place);
    const at = i32x4.shl(i32x4.trunc_sat_f32x4_s(before), 2);
    const two0 = v128.load64_zero(shares + i32x4.extract_lane(at, 0));
    const two1 = v128.load64_zero(shares + i32x4.extract_lane(at, 1));
    const two2 = v128.load64_zero(shares + i32x4.extract_lane(at, 2));
    const two3 = v128.load64_zero(shares + i32x4.extract_lane(at, 3));
    const first = i64x2.shuffle(two0, two1, 0, 2);
    const second = i64x2.shuffle(two2, two3, 0, 2);
    const from = i32x4.shuffle(first, second, 0, 2, 4, 6);
    const to = i32x4.shuffle(first, second, 1, 3, 5, 7);
    const share = f32x4.add(from, f32x4.mul(f32x4.sub(place, before), f32x4.sub(to, from)));
    v128.store(spread + i * 4, share);
    ray = f32x4.add(ray, step);
  }
  smooth(2 * count, radii, model, spread);
  return true;
}

/** How far each ray goes, as a share of where it meets the ellipse, to `shares`, float32 [count], but for stems, which are cut off, and black rot, which is followed; returns whether none of them dips in deep. */
function sharesOf(
  count: i32,
  fromX: f64,
  fromY: f64,
  found: usize,
  cos: usize,
  sin: usize,
  conic: usize,
  shares: usize,
): bool {
  const a = f32x4.splat(f32(load<f64>(conic)));
  const b = f32x4.splat(f32(load<f64>(conic, 8)));
  const c = f32x4.splat(f32(load<f64>(conic, 16)));
  const d = f32x4.splat(f32(load<f64>(conic, 24)));
  const e = f32x4.splat(f32(load<f64>(conic, 32)));
  const perUnit = f32x4.splat(f32(0.5 / load<f64>(conic, 40)));
  const four = f32x4.splat(4);
  const plain = f32x4.splat(f32(1 - dent));
  const most = f32x4.splat(f32(1 + stickOut));
  let out = i32x4.splat(0);
  let dents = i32x4.splat(0);
  for (let i: i32 = 0; i < count; i += 4) {
    const dx = v128.load(cos + i * 4);
    const dy = v128.load(sin + i * 4);
    const quadratic = f32x4.add(
      f32x4.mul(f32x4.add(f32x4.mul(a, dx), f32x4.mul(b, dy)), dx),
      f32x4.mul(f32x4.mul(c, dy), dy),
    );
    const linear = f32x4.add(f32x4.mul(d, dx), f32x4.mul(e, dy));
    // One over the ellipse's radius, see `fit-conic.ts`.
    const root = f32x4.sqrt(f32x4.add(f32x4.mul(linear, linear), f32x4.mul(four, quadratic)));
    const perRadius = f32x4.mul(f32x4.add(linear, root), perUnit);
    const share = f32x4.mul(v128.load(found + i * 4), perRadius);
    v128.store(shares + i * 4, share);
    // What is no number sticks out.
    out = v128.or(out, v128.not(f32x4.le(share, most)));
    dents = v128.or(dents, f32x4.lt(share, plain));
  }
  let least: f64 = 1;
  if (v128.any_true(dents)) {
    for (let i: i32 = 0; i < count; i++) {
      let share = f64(load<f32>(shares + i * 4));
      if (!(share < 1 - dent)) continue;
      const radius = f64(load<f32>(found + i * 4));
      const dx = f64(load<f32>(cos + i * 4));
      const dy = f64(load<f32>(sin + i * 4));
      share *= followRay(fromX, fromY, dx, dy, radius, radius / share) / radius;
      store<f32>(shares + i * 4, f32(share));
      least = Math.min(least, share);
    }
    if (least < 1 - plainDip) return false;
  }
  if (v128.any_true(out)) bridgeRuns(count, shares);
  if (least < 1 - dip) fillRuns(count, shares);
  return true;
}
