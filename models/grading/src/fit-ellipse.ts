import { unitCircle } from './unit-circle.ts';

/** An ellipse with its centre relative to the point that the fitted rays started from. */
export interface Ellipse {
  readonly x: number;
  readonly y: number;
  readonly semiMajor: number;
  readonly semiMinor: number;
  /** Direction of the major axis, radians from +x towards +y. */
  readonly angle: number;
}

const rounds = 5;
/** A ray that ends so much too far inside, as a share of the ellipse's radius, counts a quarter in the first round. */
const insideTolerance = 0.08;
const unknowns = 5;

/**
 * Fits an ellipse to the ends of rays from the origin: ray `i` of `n` points at `2 pi i / n` and is
 * `radii[i]` long, NaN where nothing is known. Rays that end far inside the ellipse (rot as dark as the belt)
 * or far outside (a stem) lose their say from round to round. Undefined when the rays describe no ellipse.
 */
export function fitEllipse(radii: Float32Array): Ellipse | undefined {
  const ends = endsOf(radii);
  if (ends === undefined) return undefined;
  const weights = new Float64Array(ends.r.length).fill(1);
  let conic: Conic | undefined;
  for (let round = 0; round < rounds; round++) {
    conic = solveConic(ends, weights);
    if (conic === undefined) return undefined;
    reweight(ends, weights, conic, round);
  }
  return conic === undefined ? undefined : toEllipse(conic, ends.scale);
}

/** Distance from the origin to the ellipse in direction (cos, sin); NaN when the ray misses it. */
export function ellipseRadius(ellipse: Ellipse, cos: number, sin: number): number {
  const c = Math.cos(ellipse.angle);
  const s = Math.sin(ellipse.angle);
  const ux = (cos * c + sin * s) / ellipse.semiMajor;
  const uy = (-cos * s + sin * c) / ellipse.semiMinor;
  const px = (-ellipse.x * c - ellipse.y * s) / ellipse.semiMajor;
  const py = (ellipse.x * s - ellipse.y * c) / ellipse.semiMinor;
  const a = ux * ux + uy * uy;
  const b = ux * px + uy * py;
  const discriminant = b * b - a * (px * px + py * py - 1);
  return (-b + Math.sqrt(discriminant)) / a;
}

/** Distance from the centre of an ellipse to its edge along each of `n` rays. */
export function centredRadii({ semiMajor, semiMinor, angle }: Ellipse, n: number): Float32Array {
  const { cos, sin } = unitCircle(n);
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const radii = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    const ux = (cos[i]! * c + sin[i]! * s) / semiMajor;
    const uy = (sin[i]! * c - cos[i]! * s) / semiMinor;
    radii[i] = 1 / Math.sqrt(ux * ux + uy * uy);
  }
  return radii;
}

/** The rays whose ends are known, lengths in units of `scale`, their median. */
interface RayEnds {
  readonly scale: number;
  readonly r: Float64Array;
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

/** A, B, C, D, E of A x² + B xy + C y² + D x + E y = 1. */
type Conic = readonly [number, number, number, number, number];

function endsOf(radii: Float32Array): RayEnds | undefined {
  const circle = unitCircle(radii.length);
  const r = new Float64Array(radii.length);
  const cos = new Float64Array(radii.length);
  const sin = new Float64Array(radii.length);
  let count = 0;
  for (let i = 0; i < radii.length; i++) {
    if (!(radii[i]! > 0)) continue;
    r[count] = radii[i]!;
    cos[count] = circle.cos[i]!;
    sin[count] = circle.sin[i]!;
    count++;
  }
  if (count < 2 * unknowns) return undefined;
  const scale = r.slice(0, count).sort()[count >> 1]!;
  for (let i = 0; i < count; i++) r[i]! /= scale;
  return { scale, r: r.subarray(0, count), cos, sin };
}

/** Weighted least squares. */
function solveConic({ r, cos, sin }: RayEnds, weights: Float64Array): Conic | undefined {
  // The normal equations hold few different sums: of w x^j y^k, here as `xxxy` for j = 3, k = 1.
  let [xxxx, xxxy, xxyy, xyyy, yyyy] = [0, 0, 0, 0, 0];
  let [xxx, xxy, xyy, yyy] = [0, 0, 0, 0];
  let [xx, xy, yy, xSum, ySum] = [0, 0, 0, 0, 0];
  for (let i = 0; i < r.length; i++) {
    const x = r[i]! * cos[i]!;
    const y = r[i]! * sin[i]!;
    const wx = weights[i]! * x;
    const wy = weights[i]! * y;
    const wxx = wx * x;
    const wxy = wx * y;
    const wyy = wy * y;
    const wxxx = wxx * x;
    const wyyy = wyy * y;
    xSum += wx;
    ySum += wy;
    xx += wxx;
    xy += wxy;
    yy += wyy;
    xxx += wxxx;
    xxy += wxx * y;
    xyy += wyy * x;
    yyy += wyyy;
    xxxx += wxxx * x;
    xxxy += wxxx * y;
    xxyy += wxy * (x * y);
    xyyy += wyyy * x;
    yyyy += wyyy * y;
  }
  // biome-ignore format: a matrix
  return eliminate(Float64Array.of(
    xxxx, xxxy, xxyy, xxx, xxy, xx,
    xxxy, xxyy, xyyy, xxy, xyy, xy,
    xxyy, xyyy, yyyy, xyy, yyy, yy,
    xxx, xxy, xyy, xx, xy, xSum,
    xxy, xyy, yyy, xy, yy, ySum,
  ), unknowns + 1);
}

/** Gaussian elimination with partial pivots of `unknowns` equations, the right side in the last column. */
function eliminate(m: Float64Array, width: number): Conic | undefined {
  for (let k = 0; k < unknowns; k++) {
    let pivot = k;
    for (let j = k + 1; j < unknowns; j++) {
      if (Math.abs(m[j * width + k]!) > Math.abs(m[pivot * width + k]!)) pivot = j;
    }
    if (Math.abs(m[pivot * width + k]!) < 1e-9) return undefined;
    for (let i = 0; i < width; i++) {
      const held = m[k * width + i]!;
      m[k * width + i] = m[pivot * width + i]!;
      m[pivot * width + i] = held;
    }
    for (let j = 0; j < unknowns; j++) {
      if (j === k) continue;
      const factor = m[j * width + k]! / m[k * width + k]!;
      for (let i = k; i < width; i++) m[j * width + i]! -= factor * m[k * width + i]!;
    }
  }
  const at = (k: number) => m[k * width + unknowns]! / m[k * width + k]!;
  return [at(0), at(1), at(2), at(3), at(4)];
}

function reweight(ends: RayEnds, weights: Float64Array, [a, b, c, d, e]: Conic, round: number): void {
  const perTolerance = (1 + round) / insideTolerance;
  for (let i = 0; i < ends.r.length; i++) {
    const cos = ends.cos[i]!;
    const sin = ends.sin[i]!;
    const quadratic = a * cos * cos + b * cos * sin + c * sin * sin;
    const linear = d * cos + e * sin;
    // One over the ellipse's radius: the positive root of u² - linear u - quadratic = 0.
    const inverse = (linear + Math.sqrt(linear * linear + 4 * quadratic)) / 2;
    if (!(inverse > 0)) continue;
    const error = ends.r[i]! * inverse - 1;
    // A bite is common and deep, a point too far out is rare: the fit leans on the outer points.
    const relative = (error < 0 ? error : error / 2) * perTolerance;
    const doubt = 1 + relative * relative;
    weights[i] = 1 / (doubt * doubt);
  }
}

function toEllipse([a, b, c, d, e]: Conic, scale: number): Ellipse | undefined {
  const determinant = 4 * a * c - b * b;
  if (!(determinant > 0 && a > 0)) return undefined;
  const x = (b * e - 2 * c * d) / determinant;
  const y = (b * d - 2 * a * e) / determinant;
  const level = 1 + a * x * x + b * x * y + c * y * y;
  const spread = Math.sqrt((a - c) ** 2 + b * b);
  const semiMajor = Math.sqrt((2 * level) / (a + c - spread));
  const semiMinor = Math.sqrt((2 * level) / (a + c + spread));
  if (!Number.isFinite(semiMajor) || semiMajor > 3 || semiMinor < 0.3) return undefined;
  const angle = spread < 1e-9 ? 0 : 0.5 * Math.atan2(-b, c - a);
  return { x: x * scale, y: y * scale, semiMajor: semiMajor * scale, semiMinor: semiMinor * scale, angle };
}
