import { type Random, randomBetween, seededRandom } from '@pomona/wire';
import { NoiseVolume } from './noise-volume.ts';
import { mapSide, mapStride, mapTexels, sphereMap } from './sphere-map.ts';

/**
 * The form of an apple: a surface that every ray from the centre meets once. Lengths in units of the mean
 * equatorial radius; all arrays per texel of the sphere map, +z is the stem.
 */
export interface AppleShape {
  /** Radius and outward normal [texels, 4], in units of `radiusUnit` and `normalUnit`: together, as they are read together. */
  readonly surface: Int16Array;
  readonly radiusMax: number;
  /** Share of the surface, sum 1, apron 0. */
  readonly area: Float32Array;
  /** Where the stem is rooted, as a distance from the centre along +z. */
  readonly cavityRadius: number;
}

export const radiusUnit = 1 / 16384;
export const normalUnit = 1 / 32767;

/** There are this many different forms; each fruit has one of them in its own size. */
export const shapeCount = 32;
const shapes = new Array<AppleShape | undefined>(shapeCount);

/** Form `index` (0 to 31), the same for every seed; made when it is first asked for. */
export function appleShape(index: number): AppleShape {
  const known = shapes[index];
  if (known !== undefined) return known;
  const shape = growShape(seededRandom(index, 'apple-shape'));
  shapes[index] = shape;
  return shape;
}

function growShape(random: Random): AppleShape {
  const height = randomBetween(random, 0.84, 1.03);
  const conicity = randomBetween(random, -0.01, 0.1);
  const stemDip = randomBetween(random, 0.16, 0.26);
  const stemWidth = randomBetween(random, 0.3, 0.4);
  const calyxDip = randomBetween(random, 0.07, 0.14);
  const calyxWidth = randomBetween(random, 0.22, 0.3);
  const lobes = randomBetween(random, 0, 0.022);
  const lobePhase = randomBetween(random, 0, 2 * Math.PI);
  const lump = randomBetween(random, 0.01, 0.035);
  const noise = new NoiseVolume(random);
  const radius = new Float32Array(mapTexels);
  for (let i = 0; i < mapTexels; i++) {
    const x = sphereMap.x[i]!;
    const y = sphereMap.y[i]!;
    const z = sphereMap.z[i]!;
    const across2 = x * x + y * y;
    const across = Math.sqrt(across2);
    // A superellipse is fuller at the shoulders than an ellipse, as apples are.
    const body = (across ** 2.3 + (Math.abs(z) / height) ** 2.3) ** (-1 / 2.3);
    const dip =
      z > 0
        ? stemDip * Math.exp(-((across / stemWidth) ** 2))
        : calyxDip * Math.exp(-((across / calyxWidth) ** 2));
    const crown = z < 0 ? lobes * Math.cos(5 * Math.atan2(y, x) + lobePhase) * -z * across * 2 : 0;
    radius[i] =
      body *
      (1 - dip + crown + conicity * z * across2 + lump * noise.at(1.3 * x + 9, 1.3 * y + 9, 1.3 * z + 9));
  }
  return finishShape(radius);
}

function finishShape(radius: Float32Array): AppleShape {
  scaleToUnitEquator(radius);
  const surface = new Int16Array(mapTexels * 4);
  const area = new Float32Array(mapTexels);
  let total = 0;
  let radiusMax = 0;
  for (let i = 0; i < mapTexels; i++) {
    const outward = writeNormal(radius, i, surface);
    const r = radius[i]!;
    surface[4 * i] = Math.round(r / radiusUnit);
    radiusMax = Math.max(radiusMax, r);
    area[i] = (sphereMap.solidAngle[i]! * r * r) / Math.max(outward, 0.2);
    total += area[i]!;
  }
  for (let i = 0; i < mapTexels; i++) area[i]! /= total;
  const middle = (mapStride >> 1) * mapStride + (mapStride >> 1);
  return { surface, radiusMax, area, cavityRadius: radius[middle]! };
}

function scaleToUnitEquator(radius: Float32Array): void {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < mapTexels; i++) {
    if (Math.abs(sphereMap.z[i]!) > 0.1) continue;
    sum += radius[i]!;
    count++;
  }
  for (let i = 0; i < mapTexels; i++) radius[i]! *= count / sum;
}

/** The normal from the texel's neighbours; returns its cosine with the direction from the centre. */
function writeNormal(radius: Float32Array, i: number, surface: Int16Array): number {
  const row = Math.min(Math.max(Math.floor(i / mapStride), 1), mapSide);
  const column = Math.min(Math.max(i % mapStride, 1), mapSide);
  const at = row * mapStride + column;
  const [ax, ay, az] = difference(radius, at + 1, at - 1);
  const [bx, by, bz] = difference(radius, at + mapStride, at - mapStride);
  const nx = ay * bz - az * by;
  const ny = az * bx - ax * bz;
  const nz = ax * by - ay * bx;
  const outward = nx * sphereMap.x[at]! + ny * sphereMap.y[at]! + nz * sphereMap.z[at]!;
  const scale = (outward < 0 ? -1 : 1) / Math.hypot(nx, ny, nz);
  surface[4 * i + 1] = Math.round((nx * scale) / normalUnit);
  surface[4 * i + 2] = Math.round((ny * scale) / normalUnit);
  surface[4 * i + 3] = Math.round((nz * scale) / normalUnit);
  return Math.abs(outward * scale);
}

function difference(radius: Float32Array, to: number, from: number): [number, number, number] {
  const { x, y, z } = sphereMap;
  return [
    radius[to]! * x[to]! - radius[from]! * x[from]!,
    radius[to]! * y[to]! - radius[from]! * y[from]!,
    radius[to]! * z[to]! - radius[from]! * z[from]!,
  ];
}
