import { type Random, randomBetween } from '@pomona/wire';
import type { PortraitForm } from './portrait-form.ts';
import { type NoisePlace, type Paint, smooth, surfaceNoise } from './portrait-skin.ts';
import type { Rgb } from './variety.ts';

/** Per pixel how far it is defect, and how far it is rot, 0 to 1. */
export interface BlemishCover {
  readonly defect: Float32Array;
  readonly rot: Float32Array;
}

export type Canvas = {
  readonly paint: Paint;
  readonly form: PortraitForm;
  readonly place: NoisePlace;
} & BlemishCover;

export function emptyCanvas(paint: Paint, form: PortraitForm, place: NoisePlace): Canvas {
  const { length } = form.mask;
  return { paint, form, place, defect: new Float32Array(length), rot: new Float32Array(length) };
}

/** A noisy ellipse somewhere on the side that is seen; `distance` is 0 in its middle and 1 at its edge. */
export function eachCovered(
  { form, place }: Canvas,
  radius: number,
  softness: number,
  visit: (pixel: number, cover: number, distance: number) => void,
): void {
  const { random } = place;
  const z = randomBetween(random, 0.15, 1);
  const across = Math.sqrt(1 - z * z);
  const angle = randomBetween(random, 0, 2 * Math.PI);
  const [cx, cy] = [across * Math.cos(angle), across * Math.sin(angle)];
  const turn = randomBetween(random, 0, Math.PI);
  const stretch = randomBetween(random, 0.6, 1.6);
  const lobes = surfaceNoise(place, form, randomBetween(random, 1.5, 4));
  const fringes = surfaceNoise(place, form, randomBetween(random, 6, 12));
  const [lobed, fringed] = [randomBetween(random, 0, 0.45), randomBetween(random, 0, 0.2)];
  for (let i = 0; i < form.mask.length; i++) {
    if (form.mask[i] === 0) continue;
    const dx = form.x[i]! - cx;
    const dy = form.y[i]! - cy;
    const u = dx * Math.cos(turn) + dy * Math.sin(turn);
    const v = dy * Math.cos(turn) - dx * Math.sin(turn);
    const dz = form.z[i]! - z;
    const distance =
      Math.sqrt(u * u * stretch + (v * v) / stretch + dz * dz) / radius +
      lobed * lobes[i]! +
      fringed * fringes[i]!;
    const cover = smooth(0.5 + (1 - distance) / softness);
    if (cover > 0) visit(i, cover, Math.max(0, distance));
  }
}

export function tintPixel(
  { paint, defect, rot: rotten }: Canvas,
  i: number,
  colour: Rgb,
  cover: number,
  tone: number,
  rot: number,
): void {
  for (let c = 0; c < 3; c++) paint[3 * i + c]! += (colour[c]! * tone - paint[3 * i + c]!) * cover;
  defect[i] = Math.max(defect[i]!, cover);
  if (rot > 0) rotten[i] = Math.max(rotten[i]!, cover * rot);
}

/** Light brown to black, reddish or olive. */
export function randomBrown(random: Random, lightMost = 1.25): Rgb {
  const light = randomBetween(random, 0.25, lightMost) ** 1.3;
  return [
    light * randomBetween(random, 105, 145),
    light * randomBetween(random, 58, 100),
    light * randomBetween(random, 25, 66),
  ];
}
