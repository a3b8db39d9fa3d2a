import { fitConic } from './kernel.ts';

/** An ellipse with its centre relative to the point that the fitted rays started from. */
export interface Ellipse {
  x: number;
  y: number;
  semiMajor: number;
  semiMinor: number;
  /** Direction of the major axis, radians from +x towards +y. */
  angle: number;
}

export function emptyEllipse(): Ellipse {
  return { x: Number.NaN, y: Number.NaN, semiMajor: Number.NaN, semiMinor: Number.NaN, angle: Number.NaN };
}

/**
 * Fits an ellipse to the ends of rays from the origin: ray `i` of `n` points at `2 pi i / n` and is
 * `radii[i]` long, NaN where nothing is known. Rays that end far inside the ellipse (rot as dark as the belt)
 * or far outside (a stem) lose their say from round to round. Written to `out`; undefined when the rays describe no ellipse.
 */
export function fitEllipse(radii: Float32Array, out = emptyEllipse()): Ellipse | undefined {
  const conic = fitConic(radii);
  return conic && toEllipse(conic, out);
}

/** Distance from the origin to the ellipse in direction (cos, sin); NaN when the ray misses it. */
export function ellipseRadius(ellipse: Readonly<Ellipse>, cos: number, sin: number): number {
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

/** Distance from the middle of an ellipse to its edge in direction (cos, sin). */
export function radiusTowards(
  { semiMajor, semiMinor, angle }: Readonly<Ellipse>,
  cos: number,
  sin: number,
): number {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const x = (cos * c + sin * s) / semiMajor;
  const y = (-cos * s + sin * c) / semiMinor;
  return 1 / Math.sqrt(x * x + y * y);
}

/** From A, B, C, D, E of A x² + B xy + C y² + D x + E y = 1, and the unit of x and y. */
function toEllipse(conic: Float64Array, out: Ellipse): Ellipse | undefined {
  // By index: an iterator takes longer than all the rest.
  const a = conic[0]!;
  const b = conic[1]!;
  const c = conic[2]!;
  const d = conic[3]!;
  const e = conic[4]!;
  const unit = conic[5]!;
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
  out.x = x * unit;
  out.y = y * unit;
  out.semiMajor = semiMajor * unit;
  out.semiMinor = semiMinor * unit;
  out.angle = angle;
  return out;
}
