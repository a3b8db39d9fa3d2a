import { castRays, ellipseRadii } from './cast-rays';
import { followRot } from './follow-rot';
import { repairOutline, stickOut } from './repair-outline';

/**
 * The outline of the fruit to which an ellipse around (x, y) was fitted, to `radii`, float32 [count]. The box, `cos` and `sin`
 * are those of `castRays`, `floatCos` and `floatSin` the same as float32. `model` is given the ellipse's own radii, float32 [count]; `scratch`: 4 count + 8 bytes. `count` is a multiple of four.
 */
export function traceOutline(
  x: f64,
  y: f64,
  reachX: f64,
  reachY: f64,
  semiMajor: f32,
  semiMinor: f32,
  cosMajor: f32,
  sinMajor: f32,
  count: i32,
  cos: usize,
  sin: usize,
  floatCos: usize,
  floatSin: usize,
  radii: usize,
  model: usize,
  scratch: usize,
): void {
  ellipseRadii(semiMajor, semiMinor, cosMajor, sinMajor, count, floatCos, floatSin, model);
  // What sticks out further is a stem; where exactly that ends is of no use.
  castRays(x, y, reachX, reachY, count, cos, sin, model, 1 + stickOut, false, radii);
  followRot(x, y, count, cos, sin, radii, model, model);
  repairOutline(count, radii, model, scratch);
}
