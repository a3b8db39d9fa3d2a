import type { Augmentation } from '@pomona/catalog';
import { type Random, randomBetween, randomInt } from '@pomona/wire';

/** What the light does to a fruit: a table of 256 per channel. The same for all views of one fruit. */
export type Lighting = readonly [Uint8Array, Uint8Array, Uint8Array];

export function randomLighting(random: Random, strength: Augmentation): Lighting {
  const spread = (width: number): number => randomBetween(random, -width, width);
  const brightness = spread(strength.brightness);
  const exponent = Math.exp(spread(strength.gamma));
  const curve = new Float64Array(256);
  for (let level = 0; level < 256; level++) curve[level] = 255 * Math.exp(exponent * logarithms[level]!);
  const table = (): Uint8Array => {
    const gain = Math.exp(brightness + spread(strength.whiteBalance));
    const out = new Uint8Array(256);
    for (let level = 0; level < 256; level++) out[level] = Math.min(255, gain * curve[level]! + 0.5);
    return out;
  };
  return [table(), table(), table()];
}

/** Of the levels 0 to 255 as shares of the highest; that of 0 is -∞, which every power brings back to 0. */
const logarithms = Float64Array.from({ length: 256 }, (_, level) => Math.log(level / 255));

/** Writes one map turned like its crop: `map` and `out` are uint8 [cells, cells, 2]. */
export function writeMap(map: Uint8Array, out: Uint8Array, from: Int32Array): void {
  for (let cell = 0; cell < from.length; cell++) {
    const at = from[cell]! * 2;
    out[2 * cell] = map[at]!;
    out[2 * cell + 1] = map[at + 1]!;
  }
}

/** For each of the eight orientations of a square, where each pixel of the result comes from. */
export function orientationsOf(size: number): readonly Int32Array[] {
  return Array.from({ length: 8 }, (_, orientation) => {
    const from = new Int32Array(size * size);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const across = orientation & 1 ? size - 1 - x : x;
        const down = orientation & 2 ? size - 1 - y : y;
        from[y * size + x] = orientation & 4 ? across * size + down : down * size + across;
      }
    }
    return from;
  });
}

export function randomOrientation(random: Random, strength: Augmentation): number {
  return strength.orientation ? randomInt(random, 8) : 0;
}

/** Writes one changed crop: `crop` is uint8 [size, size, 3], `out` [3, size, size]. */
export function writeCrop(crop: Uint8Array, out: Uint8Array, from: Int32Array, lighting: Lighting): void {
  const [red, green, blue] = lighting;
  const plane = from.length;
  for (let to = 0; to < plane; to++) {
    const at = from[to]! * 3;
    out[to] = red[crop[at]!]!;
    out[plane + to] = green[crop[at + 1]!]!;
    out[2 * plane + to] = blue[crop[at + 2]!]!;
  }
}
