/** Number of times that the conic is fitted: from round to round a ray must come twice as near. */
const rounds: i32 = 3;
/** A ray that ends so much too far inside, as a share of the radius, counts a quarter in the first round. */
const insideTolerance: f64 = 0.08;
const unknowns: i32 = 5;
const pivotMin: f64 = 1e-9;
// In memory, since V8 makes a constant anew wherever it is used.
const ones = memory.data<f64>([1, 1], 16);
const halves = memory.data<f64>([0.5, 0.5], 16);
const fours = memory.data<f64>([4, 4], 16);

/**
 * Fits A x² + B xy + C y² + D x + E y = 1 to the ends of `count` rays from the origin: `cos` and `sin` float64 [count],
 * `radii` float32 [count], not above 0 (or NaN) where nothing is known. Writes to `out` six numbers, float64: A to E for
 * lengths in units of the mean radius, and that unit; returns whether it could. Rays that end far inside (rot as dark as
 * the belt) or far outside (a stem) lose their say from round to round. `scratch`: 32 count bytes; `count` is even.
 */
export function fitConic(count: i32, cos: usize, sin: usize, radii: usize, out: usize, scratch: usize): bool {
  const zero = f64x2.splat(0);
  let knowns = i64x2.splat(0);
  let sums = zero;
  for (let i: i32 = 0; i < count; i += 2) {
    const found = f64x2.promote_low_f32x4(v128.load64_zero(radii + i * 4));
    const isKnown = f64x2.gt(found, zero);
    knowns = i64x2.sub(knowns, isKnown);
    sums = f64x2.add(sums, v128.and(found, isKnown));
  }
  const known = i32(i64x2.extract_lane(knowns, 0) + i64x2.extract_lane(knowns, 1));
  if (known < 2 * unknowns) return false;
  const unit = both(sums) / known;
  const bytes = count * 8;
  writeEnds(scratch, bytes, count, radii, cos, sin, 1 / unit);
  for (let round: i32 = 0; round < rounds; round++) {
    if (round > 0) reweight(scratch, bytes, count, cos, sin, out, f64(2 * round) / insideTolerance);
    if (!solve(scratch, bytes, count, out)) return false;
  }
  store<f64>(out, unit, 40);
  return true;
}

/** Of each end weight, x, y, radius: four tables, each `bytes` after the one before. An end of which nothing is known lies in the middle, where it adds nothing to any sum. */
function writeEnds(
  ends: usize,
  bytes: i32,
  count: i32,
  radii: usize,
  cos: usize,
  sin: usize,
  perUnit: f64,
): void {
  const zero = f64x2.splat(0);
  const one = v128.load(ones);
  const scale = f64x2.splat(perUnit);
  for (let i: i32 = 0; i < count; i += 2) {
    const at = ends + i * 8;
    const found = f64x2.promote_low_f32x4(v128.load64_zero(radii + i * 4));
    const radius = f64x2.mul(v128.and(found, f64x2.gt(found, zero)), scale);
    v128.store(at, one);
    v128.store(at + bytes, f64x2.mul(radius, v128.load(cos + i * 8)));
    v128.store(at + 2 * bytes, f64x2.mul(radius, v128.load(sin + i * 8)));
    v128.store(at + 3 * bytes, radius);
  }
}

/** Weighted least squares: the normal equations hold few different sums, of w x^j y^k, here `xxxy` for j = 3, k = 1. */
function solve(ends: usize, bytes: i32, count: i32, out: usize): bool {
  const zero = f64x2.splat(0);
  let xxxx = zero,
    xxxy = zero,
    xxyy = zero,
    xyyy = zero,
    yyyy = zero;
  let xxx = zero,
    xxy = zero,
    xyy = zero,
    yyy = zero;
  let xx = zero,
    xy = zero,
    yy = zero,
    xSum = zero,
    ySum = zero;
  for (let i: i32 = 0; i < count; i += 2) {
    const at = ends + i * 8;
    const w = v128.load(at);
    const x = v128.load(at + bytes);
    const y = v128.load(at + 2 * bytes);
    const wx = f64x2.mul(w, x);
    const wy = f64x2.mul(w, y);
    const wxx = f64x2.mul(wx, x);
    const wxy = f64x2.mul(wx, y);
    const wyy = f64x2.mul(wy, y);
    const wxxx = f64x2.mul(wxx, x);
    const wyyy = f64x2.mul(wyy, y);
    xSum = f64x2.add(xSum, wx);
    ySum = f64x2.add(ySum, wy);
    xx = f64x2.add(xx, wxx);
    xy = f64x2.add(xy, wxy);
    yy = f64x2.add(yy, wyy);
    xxx = f64x2.add(xxx, wxxx);
    xxy = f64x2.add(xxy, f64x2.mul(wxx, y));
    xyy = f64x2.add(xyy, f64x2.mul(wyy, x));
    yyy = f64x2.add(yyy, wyyy);
    xxxx = f64x2.add(xxxx, f64x2.mul(wxxx, x));
    xxxy = f64x2.add(xxxy, f64x2.mul(wxxx, y));
    xxyy = f64x2.add(xxyy, f64x2.mul(wxx, f64x2.mul(y, y)));
    xyyy = f64x2.add(xyyy, f64x2.mul(wyyy, x));
    yyyy = f64x2.add(yyyy, f64x2.mul(wyyy, y));
  }
  // Gaussian elimination, in registers. The matrix is symmetric and positive: only what is right of the diagonal is kept, and no
  // pivots are sought.
  const m00 = both(xxxx);
  const m01 = both(xxxy);
  const m02 = both(xxyy);
  const m03 = both(xxx);
  const m04 = both(xxy);
  const m05 = both(xx);
  let m11 = both(xxyy);
  let m12 = both(xyyy);
  let m13 = both(xxy);
  let m14 = both(xyy);
  let m15 = both(xy);
  let m22 = both(yyyy);
  let m23 = both(xyy);
  let m24 = both(yyy);
  let m25 = both(yy);
  let m33 = both(xx);
  let m34 = both(xy);
  let m35 = both(xSum);
  let m44 = both(yy);
  let m45 = both(ySum);
  if (!(m00 >= pivotMin)) return false;
  const inverse0 = 1 / m00;
  const factor01 = m01 * inverse0;
  m11 -= factor01 * m01;
  m12 -= factor01 * m02;
  m13 -= factor01 * m03;
  m14 -= factor01 * m04;
  m15 -= factor01 * m05;
  const factor02 = m02 * inverse0;
  m22 -= factor02 * m02;
  m23 -= factor02 * m03;
  m24 -= factor02 * m04;
  m25 -= factor02 * m05;
  const factor03 = m03 * inverse0;
  m33 -= factor03 * m03;
  m34 -= factor03 * m04;
  m35 -= factor03 * m05;
  const factor04 = m04 * inverse0;
  m44 -= factor04 * m04;
  m45 -= factor04 * m05;
  if (!(m11 >= pivotMin)) return false;
  const inverse1 = 1 / m11;
  const factor12 = m12 * inverse1;
  m22 -= factor12 * m12;
  m23 -= factor12 * m13;
  m24 -= factor12 * m14;
  m25 -= factor12 * m15;
  const factor13 = m13 * inverse1;
  m33 -= factor13 * m13;
  m34 -= factor13 * m14;
  m35 -= factor13 * m15;
  const factor14 = m14 * inverse1;
  m44 -= factor14 * m14;
  m45 -= factor14 * m15;
  if (!(m22 >= pivotMin)) return false;
  const inverse2 = 1 / m22;
  const factor23 = m23 * inverse2;
  m33 -= factor23 * m23;
  m34 -= factor23 * m24;
  m35 -= factor23 * m25;
  const factor24 = m24 * inverse2;
  m44 -= factor24 * m24;
  m45 -= factor24 * m25;
  if (!(m33 >= pivotMin)) return false;
  const inverse3 = 1 / m33;
  const factor34 = m34 * inverse3;
  m44 -= factor34 * m34;
  m45 -= factor34 * m35;
  if (!(m44 >= pivotMin)) return false;
  const inverse4 = 1 / m44;
  const out4 = m45 * inverse4;
  const out3 = (m35 - m34 * out4) * inverse3;
  const out2 = (m25 - m23 * out3 - m24 * out4) * inverse2;
  const out1 = (m15 - m12 * out2 - m13 * out3 - m14 * out4) * inverse1;
  const out0 = (m05 - m01 * out1 - m02 * out2 - m03 * out3 - m04 * out4) * inverse0;
  store<f64>(out, out0);
  store<f64>(out, out1, 8);
  store<f64>(out, out2, 16);
  store<f64>(out, out3, 24);
  store<f64>(out, out4, 32);
  return true;
}

function both(sums: v128): f64 {
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

function reweight(
  ends: usize,
  bytes: i32,
  count: i32,
  cosines: usize,
  sines: usize,
  conic: usize,
  perTolerance: f64,
): void {
  const a = v128.load64_splat(conic);
  const b = v128.load64_splat(conic + 8);
  const c = v128.load64_splat(conic + 16);
  const d = v128.load64_splat(conic + 24);
  const e = v128.load64_splat(conic + 32);
  const one = v128.load(ones);
  const half = v128.load(halves);
  const four = v128.load(fours);
  const tolerances = f64x2.splat(perTolerance);
  const zero = f64x2.splat(0);
  for (let i: i32 = 0; i < count; i += 2) {
    const at = ends + i * 8;
    const radius = v128.load(at + 3 * bytes);
    const cos = v128.load(cosines + i * 8);
    const sin = v128.load(sines + i * 8);
    const quadratic = f64x2.add(
      f64x2.mul(f64x2.add(f64x2.mul(a, cos), f64x2.mul(b, sin)), cos),
      f64x2.mul(f64x2.mul(c, sin), sin),
    );
    const linear = f64x2.add(f64x2.mul(d, cos), f64x2.mul(e, sin));
    // One over the ellipse's radius: the positive root of u² - linear u - quadratic = 0.
    const root = f64x2.sqrt(f64x2.add(f64x2.mul(linear, linear), f64x2.mul(four, quadratic)));
    const inverse = f64x2.mul(f64x2.add(linear, root), half);
    const error = f64x2.sub(f64x2.mul(radius, inverse), one);
    // A bite is common and deep, a point too far out is rare: the fit leans on the outer points.
    const leaning = v128.bitselect(error, f64x2.mul(error, half), f64x2.lt(error, zero));
    const relative = f64x2.mul(leaning, tolerances);
    const doubt = f64x2.add(one, f64x2.mul(relative, relative));
    const weight = f64x2.div(one, f64x2.mul(doubt, doubt));
    v128.store(at, v128.bitselect(weight, v128.load(at), f64x2.gt(inverse, zero)));
  }
}
