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
const unknowns = 5;

/**
 * Fits an ellipse to the ends of rays from the origin: ray `i` of `n` points at `2 pi i / n` and is
 * `radii[i]` long, NaN where nothing is known. Rays that end far inside the ellipse (rot as dark as the belt)
 * or far outside (a stem) lose their say from round to round. Undefined when the rays describe no ellipse.
 */
export function fitEllipse(radii: Float32Array): Ellipse | undefined {
  const n = radii.length;
  const scale = medianOf(radii);
  if (!(scale > 0)) return undefined;
  const weights = new Float64Array(n).fill(1);
  let conic: Float64Array | undefined;
  for (let round = 0; round < rounds; round++) {
    conic = solveConic(radii, weights, scale);
    if (conic === undefined) return undefined;
    reweight(radii, weights, conic, scale, round);
  }
  return conic === undefined ? undefined : toEllipse(conic, scale);
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

function medianOf(radii: Float32Array): number {
  const known = radii.filter((radius) => radius > 0).sort();
  return known.length < 2 * unknowns ? Number.NaN : known[known.length >> 1]!;
}

/** Least squares for A x² + B xy + C y² + D x + E y = 1, lengths in units of `scale`. */
function solveConic(radii: Float32Array, weights: Float64Array, scale: number): Float64Array | undefined {
  const n = radii.length;
  const width = unknowns + 1;
  const system = new Float64Array(unknowns * width);
  const row = new Float64Array(unknowns);
  for (let i = 0; i < n; i++) {
    const r = radii[i]! / scale;
    if (!(r > 0)) continue;
    const angle = (2 * Math.PI * i) / n;
    const x = r * Math.cos(angle);
    const y = r * Math.sin(angle);
    row[0] = x * x;
    row[1] = x * y;
    row[2] = y * y;
    row[3] = x;
    row[4] = y;
    for (let j = 0; j < unknowns; j++) {
      const wr = weights[i]! * row[j]!;
      for (let k = 0; k < unknowns; k++) system[j * width + k]! += wr * row[k]!;
      system[j * width + unknowns]! += wr;
    }
  }
  return eliminate(system, width);
}

/** Gaussian elimination with partial pivots of `unknowns` equations, the right side in the last column. */
function eliminate(m: Float64Array, width: number): Float64Array | undefined {
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
  return Float64Array.from({ length: unknowns }, (_, k) => m[k * width + unknowns]! / m[k * width + k]!);
}

function reweight(
  radii: Float32Array,
  weights: Float64Array,
  conic: Float64Array,
  scale: number,
  round: number,
): void {
  const [a, b, c, d, e] = conic as unknown as [number, number, number, number, number];
  const insideTolerance = 0.08 / (1 + round);
  for (let i = 0; i < radii.length; i++) {
    const r = radii[i]! / scale;
    if (!(r > 0)) continue;
    const angle = (2 * Math.PI * i) / radii.length;
    const cos = Math.cos(angle);
    const sin = Math.sin(angle);
    const quadratic = a * cos * cos + b * cos * sin + c * sin * sin;
    const linear = d * cos + e * sin;
    const model = (-linear + Math.sqrt(linear * linear + 4 * quadratic)) / (2 * quadratic);
    if (!(model > 0)) continue;
    const error = r / model - 1;
    // A bite is common and deep, a point too far out is rare: the fit leans on the outer points.
    const relative = error < 0 ? error / insideTolerance : error / (2 * insideTolerance);
    weights[i] = 1 / (1 + relative * relative) ** 2;
  }
}

function toEllipse(conic: Float64Array, scale: number): Ellipse | undefined {
  const [a, b, c, d, e] = conic as unknown as [number, number, number, number, number];
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
