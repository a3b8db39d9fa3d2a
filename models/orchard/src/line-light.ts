import { type Random, randomBetween, randomNormal, seededRandom } from '@pomona/wire';

/**
 * Lamps and camera of a line for one session. Light is computed in linear units, 1 being white paper under the
 * lamps; `toByte` is the camera's curve.
 */
export interface LineLight {
  readonly ambient: number;
  readonly lamps: readonly [Lamp, Lamp];
  /** Long lamps along the belt as they mirror in a waxy skin. */
  readonly bars: readonly [LampBar, LampBar];
  /** Exposure and white balance per channel. */
  readonly gain: readonly [number, number, number];
  /** Brightness towards the frame's edges, as a share of the middle's; along and across the belt. */
  readonly vignette: number;
  /** Deviation of the sensor's noise, grey levels. */
  readonly noise: number;
}

/** A direction (unit, z to the camera) that light comes from. */
export interface Lamp {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly strength: number;
}

/** Place and size of a mirrored lamp in the components of the mirrored direction. */
export interface LampBar {
  readonly x: number;
  readonly y: number;
  readonly halfLength: number;
  readonly halfWidth: number;
  readonly strength: number;
}

/** Size of the table that `noiseTable` makes, a power of two. */
export const noiseLength = 1 << 16;

/** Lamps and camera as one session finds them: a little different each time. */
export function setUpLight(random: Random): LineLight {
  const side = randomBetween(random, 0.42, 0.62);
  const lean = randomBetween(random, -0.15, 0.15);
  const exposure = 1 + 0.04 * randomNormal(random);
  const warmth = 0.02 * randomNormal(random);
  const balance = randomBetween(random, 0.35, 0.65);
  return {
    ambient: randomBetween(random, 0.66, 0.74),
    lamps: [lamp(lean, -side, 0.36 * balance), lamp(lean, side, 0.36 * (1 - balance))],
    bars: [bar(lean, -side, balance, random), bar(lean, side, 1 - balance, random)],
    gain: [exposure * (1 + warmth), exposure, exposure * (1 - warmth)],
    vignette: randomBetween(random, 0.08, 0.16),
    noise: randomBetween(random, 1.2, 2.6),
  };
}

/** Camera curve: 4096 steps of linear light from 0 to 2 to a byte, with a soft shoulder above white. */
export const curveSteps = 4096;
export const curveMax = 2;
export const toByte = Uint8Array.from({ length: curveSteps }, (_, i) => {
  const light = (i / (curveSteps - 1)) * curveMax;
  const shouldered = light < 0.7 ? light : 0.7 + 0.3 * (1 - Math.exp(-(light - 0.7) / 0.3));
  return Math.round(255 * shouldered ** (1 / 2.1));
});

const unitNoise = makeUnitNoise();

/** Sensor noise to walk through from a random start per frame; normal, grey levels. */
export function noiseTable(deviation: number): Int8Array {
  return Int8Array.from(unitNoise, (value) => Math.round(deviation * value));
}

/** Place of a pixel's noise in the table, four values apart; rows jump, so that the table's end does not show. */
export function noiseAt(start: number, x: number, y: number): number {
  return (start + 4 * (x + 5443 * y)) & (noiseLength - 4);
}

function makeUnitNoise(): Float32Array {
  const random = seededRandom(1, 'sensor-noise');
  return Float32Array.from({ length: noiseLength }, () => randomNormal(random));
}

function lamp(x: number, y: number, strength: number): Lamp {
  const length = Math.hypot(x, y, 1);
  return { x: x / length, y: y / length, z: 1 / length, strength };
}

function bar(x: number, y: number, strength: number, random: Random): LampBar {
  return {
    x: x + 0.05 * randomNormal(random),
    y: y * randomBetween(random, 0.75, 0.95),
    halfLength: randomBetween(random, 0.4, 0.75),
    halfWidth: randomBetween(random, 0.09, 0.16),
    strength: strength * randomBetween(random, 0.5, 1),
  };
}
