import { type Random, randomBetween, randomNormal } from '@pomona/wire';
import type { DefectCanvas } from './paint-defect.ts';
import { tint } from './skin.ts';
import { mapPoint, mapSide, mapStride, sphereMap } from './sphere-map.ts';
import type { Rgb } from './variety.ts';

export type Vector = readonly [number, number, number];

/** The finest texel of the map, radians. */
const texelMin = 0.0125;

/** Uniform on the sphere. */
export function randomDirection(random: Random): Vector {
  const z = 2 * random.next() - 1;
  const angle = 2 * Math.PI * random.next();
  const across = Math.sqrt(1 - z * z);
  return [across * Math.cos(angle), across * Math.sin(angle), z];
}

interface LineStyle {
  /** Half width in the middle of the line, radians, and how much of it is left at the ends. */
  readonly halfWidth: number;
  readonly taper: number;
  /** Turn per step of the walk, deviation in radians. */
  readonly wander: number;
  readonly core: Rgb;
  readonly lip: Rgb;
  /** Share of the half width that is core. */
  readonly coreShare: number;
}

/** Paints a crack or an insect's track of about this share of the surface, in a walk over the skin. */
export function stampLine(
  canvas: DefectCanvas,
  mark: number,
  kind: 'crack' | 'track',
  share: number,
  random: Random,
): void {
  const style = kind === 'crack' ? crack(random) : track(random);
  const meanWidth = 2 * style.halfWidth * (style.taper + (1 - style.taper) * 0.64);
  const length = (share * 4 * Math.PI) / meanWidth;
  const step = style.halfWidth * 0.5;
  const steps = Math.max(2, Math.min(400, Math.round(length / step)));
  let at = randomDirection(random);
  let heading = tangent(at, randomDirection(random));
  let turn = 0;
  for (let k = 0; k < steps; k++) {
    const bulge = Math.sin((Math.PI * (k + 0.5)) / steps);
    stamp(canvas, mark, at, style.halfWidth * (style.taper + (1 - style.taper) * bulge), style);
    // The turn has a memory, so that the line winds and does not tremble.
    turn = 0.8 * turn + style.wander * randomNormal(random);
    heading = turned(heading, at, turn);
    at = unit([at[0] + step * heading[0], at[1] + step * heading[1], at[2] + step * heading[2]]);
    heading = tangent(at, heading);
  }
  if (kind === 'track')
    stamp(canvas, mark, at, style.halfWidth * 1.7, { ...style, core: [44, 28, 18], coreShare: 0.75 });
}

/** Growth crack: dark and dry inside, corky lips. */
function crack(random: Random): LineStyle {
  return {
    halfWidth: randomBetween(random, 0.026, 0.04),
    taper: 0.3,
    wander: 0.05,
    core: [46, 30, 20],
    lip: [140, 114, 82],
    coreShare: 0.6,
  };
}

/** Path of a larva under the skin: brown cork between pale rims, with the hole at its end. */
function track(random: Random): LineStyle {
  return {
    halfWidth: randomBetween(random, 0.03, 0.045),
    taper: 0.7,
    wander: 0.16,
    core: [88, 62, 42],
    lip: [146, 122, 88],
    coreShare: 0.68,
  };
}

/** A disc of the line: core and lip are the defect, its soft edge is not. */
function stamp(canvas: DefectCanvas, mark: number, centre: Vector, radius: number, style: LineStyle): void {
  const point = new Float64Array(2);
  mapPoint(centre[0], centre[1], centre[2], point);
  const reach = Math.ceil(radius / texelMin) + 1;
  const middleColumn = Math.floor(point[0]!);
  const middleRow = Math.floor(point[1]!);
  for (let row = middleRow - reach; row <= middleRow + reach; row++) {
    for (let column = middleColumn - reach; column <= middleColumn + reach; column++) {
      const i = foldedTexel(row, column);
      const { x, y, z } = sphereMap;
      const cos = x[i]! * centre[0] + y[i]! * centre[1] + z[i]! * centre[2];
      const depth = Math.sqrt(Math.max(0, 2 - 2 * cos)) / radius;
      if (depth > 1.15) continue;
      const isCore = depth < style.coreShare;
      if (isCore) tint(canvas.skin, i, style.core, 0.9);
      // A lip never covers the core that an earlier step painted.
      else if (canvas.defectOf[i] !== mark) tint(canvas.skin, i, style.lip, depth < 1 ? 0.8 : 0.35);
      if (depth < 1) canvas.defectOf[i] = mark;
      canvas.skin[4 * i + 3] = 40;
    }
  }
}

/** The texel at a row and column that may lie beyond the map's edge, where the map goes on mirrored. */
function foldedTexel(row: number, column: number): number {
  let r = row;
  let c = column;
  if (c < 1 || c > mapSide) {
    c = c < 1 ? 1 - c : 2 * mapSide + 1 - c;
    r = mapSide + 1 - r;
  }
  if (r < 1 || r > mapSide) {
    r = r < 1 ? 1 - r : 2 * mapSide + 1 - r;
    c = mapSide + 1 - c;
  }
  return r * mapStride + c;
}

function unit([x, y, z]: Vector): Vector {
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

function tangent([x, y, z]: Vector, [a, b, c]: Vector): Vector {
  const along = a * x + b * y + c * z;
  return unit([a - along * x + 1e-9, b - along * y, c - along * z]);
}

/** `heading` turned about `at` by a small angle. */
function turned([a, b, c]: Vector, [x, y, z]: Vector, angle: number): Vector {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  return [a * cos + (y * c - z * b) * sin, b * cos + (z * a - x * c) * sin, c * cos + (x * b - y * a) * sin];
}
