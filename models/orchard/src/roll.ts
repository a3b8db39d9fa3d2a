import { type Random, randomBetween } from '@pomona/wire';

/** A rotation, row by row: world = matrix * body. World: x along the belt, y across it (down in the picture), z to the camera. */
export type Rotation = Float64Array;

/** How one fruit rolls down the line. */
export interface RollPlan {
  readonly radiusMm: number;
  /** Share of the travel that is slid, not rolled. */
  readonly slip: number;
  /** Turns of the wobble per turn of the roll: the roll's axis wanders through the fruit on a cone. */
  readonly wobble: number;
  /** Axis of the wobble in the rolling frame, and how the fruit lies at the start (body to rolling frame). */
  readonly wobbleAxis: readonly [number, number, number];
  readonly start: Rotation;
}

export function planRoll(radiusMm: number, random: Random): RollPlan {
  const tilt = randomBetween(random, 0.9, 1.15);
  const around = randomBetween(random, 0, 2 * Math.PI);
  return {
    radiusMm,
    slip: randomBetween(random, 0, 0.05),
    wobble: randomBetween(random, 0.42, 0.52) * (random.next() < 0.5 ? -1 : 1),
    wobbleAxis: [Math.sin(tilt) * Math.cos(around), Math.cos(tilt), Math.sin(tilt) * Math.sin(around)],
    start: randomRotation(random),
  };
}

/** Angle rolled after `travelMm` of travel, radians. */
export function rollAngle(plan: RollPlan, travelMm: number): number {
  return (travelMm * (1 - plan.slip)) / plan.radiusMm;
}

/** How the fruit lies after `travelMm` of travel; written to `out`. */
export function orientationAt(
  plan: RollPlan,
  travelMm: number,
  out: Rotation = new Float64Array(9),
): Rotation {
  const angle = rollAngle(plan, travelMm);
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  // The belt carries the fruit to +x and its top runs ahead: a turn about y that takes +z to +x.
  const roll = [c, 0, s, 0, 1, 0, -s, 0, c];
  const [x, y, z] = plan.wobbleAxis;
  return multiply(multiply(roll, aboutAxis(x, y, z, angle * plan.wobble)), plan.start, out);
}

/** Uniform over all rotations (Shoemake, Graphics Gems III). */
export function randomRotation(random: Random): Rotation {
  const u = random.next();
  const a = 2 * Math.PI * random.next();
  const b = 2 * Math.PI * random.next();
  const q0 = Math.sqrt(1 - u) * Math.sin(a);
  const q1 = Math.sqrt(1 - u) * Math.cos(a);
  const q2 = Math.sqrt(u) * Math.sin(b);
  const q3 = Math.sqrt(u) * Math.cos(b);
  const sine = Math.hypot(q0, q1, q2);
  return aboutAxis(q0 / sine, q1 / sine, q2 / sine, 2 * Math.atan2(sine, q3));
}

function aboutAxis(x: number, y: number, z: number, angle: number): Rotation {
  const c = Math.cos(angle);
  const s = Math.sin(angle);
  const t = 1 - c;
  return Float64Array.of(
    t * x * x + c,
    t * x * y - s * z,
    t * x * z + s * y,
    t * x * y + s * z,
    t * y * y + c,
    t * y * z - s * x,
    t * x * z - s * y,
    t * y * z + s * x,
    t * z * z + c,
  );
}

function multiply(a: ArrayLike<number>, b: ArrayLike<number>, out: Rotation = new Float64Array(9)): Rotation {
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      let sum = 0;
      for (let k = 0; k < 3; k++) sum += a[3 * row + k]! * b[3 * k + column]!;
      out[3 * row + column] = sum;
    }
  }
  return out;
}
