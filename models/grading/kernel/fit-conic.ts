/** Number of times that the conic is fitted. */
const rounds: i32 = 5;
/** A ray that ends so much too far inside, as a share of the radius, counts a quarter in the first round. */
const insideTolerance: f64 = 0.08;
const unknowns: i32 = 5;
const width: i32 = unknowns + 1;
const rowBytes: i32 = width * 8;
const matrixBytes: i32 = unknowns * rowBytes;

/**
 * Fits A x² + B xy + C y² + D x + E y = 1 to the ends of `count` rays from the origin: `cos` and `sin` float64 [count],
 * `radii` float32 [count], not above 0 (or NaN) where nothing is known. Writes to `out` six numbers, float64: A to E for
 * lengths in units of the mean radius, and that unit; returns whether it could. Rays that end far inside (rot as dark as
 * the belt) or far outside (a stem) lose their say from round to round. `scratch`: 240 + 48 (count + 1) bytes.
 */
export function fitConic(count: i32, cos: usize, sin: usize, radii: usize, out: usize, scratch: usize): bool {
  let known: i32 = 0;
  let sum: f64 = 0;
  for (let i: i32 = 0; i < count; i++) {
    const radius = load<f32>(radii + i * 4);
    if (!(radius > 0)) continue;
    sum += radius;
    known++;
  }
  if (known < 2 * unknowns) return false;
  const unit = sum / known;
  const bytes = (count + 1) * 8;
  const ends = scratch + matrixBytes;
  let at = ends;
  for (let i: i32 = 0; i < count; i++) {
    const radius = f64(load<f32>(radii + i * 4)) / unit;
    if (!(radius > 0)) continue;
    writeEnd(at, bytes, radius, load<f64>(cos + i * 8), load<f64>(sin + i * 8));
    at += 8;
  }
  // One more, which adds nothing: the loops take two at a time.
  writeEnd(at, bytes, 0, 0, 0);
  for (let round: i32 = 0; round < rounds; round++) {
    if (round > 0) reweight(ends, bytes, known, out, f64(round) / insideTolerance);
    if (!solve(ends, bytes, known, scratch, out)) return false;
  }
  store<f64>(out, unit, 40);
  return true;
}

/** Of each end weight, x, y, radius, cosine, sine: six tables, each `bytes` after the one before. */
function writeEnd(at: usize, bytes: i32, radius: f64, cos: f64, sin: f64): void {
  store<f64>(at, 1);
  store<f64>(at + bytes, radius * cos);
  store<f64>(at + 2 * bytes, radius * sin);
  store<f64>(at + 3 * bytes, radius);
  store<f64>(at + 4 * bytes, cos);
  store<f64>(at + 5 * bytes, sin);
}

/** Weighted least squares: the normal equations hold few different sums, of w x^j y^k, here `xxxy` for j = 3, k = 1. */
function solve(ends: usize, bytes: i32, known: i32, m: usize, out: usize): bool {
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
  for (let i: i32 = 0; i < known; i += 2) {
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
  writeRow(m, xxxx, xxxy, xxyy, xxx, xxy, xx);
  writeRow(m + 48, xxxy, xxyy, xyyy, xxy, xyy, xy);
  writeRow(m + 96, xxyy, xyyy, yyyy, xyy, yyy, yy);
  writeRow(m + 144, xxx, xxy, xyy, xx, xy, xSum);
  writeRow(m + 192, xxy, xyy, yyy, xy, yy, ySum);
  if (!eliminate(m)) return false;
  for (let k: i32 = unknowns - 1; k >= 0; k--) {
    const row = m + k * rowBytes;
    let value = load<f64>(row + unknowns * 8);
    for (let i = k + 1; i < unknowns; i++) value -= load<f64>(row + i * 8) * load<f64>(out + i * 8);
    store<f64>(out + k * 8, value * load<f64>(row + k * 8));
  }
  return true;
}

function writeRow(row: usize, a: v128, b: v128, c: v128, d: v128, e: v128, right: v128): void {
  store<f64>(row, both(a));
  store<f64>(row, both(b), 8);
  store<f64>(row, both(c), 16);
  store<f64>(row, both(d), 24);
  store<f64>(row, both(e), 32);
  store<f64>(row, both(right), 40);
}

function both(sums: v128): f64 {
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

/** Gaussian elimination, the right side in the last column. The matrix is symmetric and positive: no pivots are sought. */
function eliminate(m: usize): bool {
  for (let k: i32 = 0; k < unknowns; k++) {
    const pivot = m + k * rowBytes;
    const diagonal = load<f64>(pivot + k * 8);
    if (!(diagonal >= 1e-9)) return false;
    const inverse = 1 / diagonal;
    for (let j = k + 1; j < unknowns; j++) {
      const row = m + j * rowBytes;
      // What stands below the diagonal is what stands right of it.
      const factor = load<f64>(pivot + j * 8) * inverse;
      for (let i = j; i < width; i++) {
        store<f64>(row + i * 8, load<f64>(row + i * 8) - factor * load<f64>(pivot + i * 8));
      }
    }
    store<f64>(pivot + k * 8, inverse);
  }
  return true;
}

function reweight(ends: usize, bytes: i32, known: i32, conic: usize, perTolerance: f64): void {
  const a = v128.load64_splat(conic);
  const b = v128.load64_splat(conic + 8);
  const c = v128.load64_splat(conic + 16);
  const d = v128.load64_splat(conic + 24);
  const e = v128.load64_splat(conic + 32);
  const one = f64x2.splat(1);
  const half = f64x2.splat(0.5);
  const zero = f64x2.splat(0);
  for (let i: i32 = 0; i < known; i += 2) {
    const at = ends + i * 8;
    const radius = v128.load(at + 3 * bytes);
    const cos = v128.load(at + 4 * bytes);
    const sin = v128.load(at + 5 * bytes);
    const quadratic = f64x2.add(
      f64x2.mul(f64x2.add(f64x2.mul(a, cos), f64x2.mul(b, sin)), cos),
      f64x2.mul(f64x2.mul(c, sin), sin),
    );
    const linear = f64x2.add(f64x2.mul(d, cos), f64x2.mul(e, sin));
    // One over the ellipse's radius: the positive root of u² - linear u - quadratic = 0.
    const root = f64x2.sqrt(f64x2.add(f64x2.mul(linear, linear), f64x2.mul(f64x2.splat(4), quadratic)));
    const inverse = f64x2.mul(f64x2.add(linear, root), half);
    const error = f64x2.sub(f64x2.mul(radius, inverse), one);
    // A bite is common and deep, a point too far out is rare: the fit leans on the outer points.
    const leaning = v128.bitselect(error, f64x2.mul(error, half), f64x2.lt(error, zero));
    const relative = f64x2.mul(leaning, f64x2.splat(perTolerance));
    const doubt = f64x2.add(one, f64x2.mul(relative, relative));
    const weight = f64x2.div(one, f64x2.mul(doubt, doubt));
    v128.store(at, v128.bitselect(weight, v128.load(at), f64x2.gt(inverse, zero)));
  }
}
