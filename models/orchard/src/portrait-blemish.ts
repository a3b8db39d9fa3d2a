import { type Random, randomBetween, randomInt } from '@pomona/wire';
import type { PortraitForm } from './portrait-form.ts';
import { type NoisePlace, type Paint, smooth, surfaceNoise } from './portrait-skin.ts';
import type { Rgb } from './variety.ts';

/** Per pixel how far it is defect, and how far it is rot, 0 to 1. */
export interface BlemishCover {
  readonly defect: Float32Array;
  readonly rot: Float32Array;
}

type Canvas = {
  readonly paint: Paint;
  readonly form: PortraitForm;
  readonly place: NoisePlace;
} & BlemishCover;

/** What is wrong with a bad fruit: one thing, or two. Returns what they cover. */
export function paintBlemishes(paint: Paint, form: PortraitForm, place: NoisePlace): BlemishCover {
  const canvas = emptyCanvas(paint, form, place);
  const count = place.random.next() < 0.35 ? 2 : 1;
  for (let n = 0; n < count; n++) paintOne(canvas);
  return canvas;
}

/** One to three small patches, for fruit that is neither good nor bad. */
export function paintSmallBlemishes(paint: Paint, form: PortraitForm, place: NoisePlace): BlemishCover {
  const { random } = place;
  const canvas = emptyCanvas(paint, form, place);
  const count = 1 + randomInt(random, 3);
  for (let n = 0; n < count; n++) {
    const radius = randomBetween(random, 0.12, 0.4) / Math.sqrt(count);
    paintPatch(canvas, radius, randomBrown(random), randomBetween(random, 0.5, 1), 0);
  }
  return canvas;
}

/** Small specks of a good fruit. */
export function paintSpecks(paint: Paint, form: PortraitForm, place: NoisePlace): BlemishCover {
  const { random } = place;
  const canvas = emptyCanvas(paint, form, place);
  const count = random.next() < 0.5 ? randomInt(random, 7) : 0;
  for (let n = 0; n < count; n++) {
    paintPatch(
      canvas,
      randomBetween(random, 0.02, 0.06),
      randomBrown(random),
      randomBetween(random, 0.3, 0.9),
      0,
    );
  }
  return canvas;
}

function emptyCanvas(paint: Paint, form: PortraitForm, place: NoisePlace): Canvas {
  const { length } = form.mask;
  return { paint, form, place, defect: new Float32Array(length), rot: new Float32Array(length) };
}

function paintOne(canvas: Canvas): void {
  const { random } = canvas.place;
  const kind = random.next();
  if (kind < 0.16) paintWhole(canvas);
  else if (kind < 0.38) paintBruise(canvas);
  else if (kind < 0.5) paintTracks(canvas);
  else if (kind < 0.62) paintMottle(canvas);
  else if (kind < 0.75) paintWrinkles(canvas);
  else paintRot(canvas);
}

/** One large patch, or several smaller ones of one colour. */
function paintRot(canvas: Canvas): void {
  const { random } = canvas.place;
  const count = random.next() < 0.5 ? 1 : 2 + randomInt(random, 6);
  const colour = randomBrown(random);
  for (let n = 0; n < count; n++) {
    const radius = randomBetween(random, 0.2, 0.85) / Math.sqrt(0.6 + 0.4 * count);
    const rings = random.next() < 0.25 ? randomBetween(random, 2, 5) : 0;
    paintPatch(canvas, radius, colour, randomBetween(random, 0.55, 1), 1, rings);
  }
}

/** Brown through and through, glossy as a sound one or not; some of the skin's own colour shows through. */
function paintWhole(canvas: Canvas): void {
  const { form, place } = canvas;
  const { random } = place;
  const colour = randomBrown(random);
  const strength = randomBetween(random, 0.55, 0.97);
  const mottled = randomBetween(random, 0, 0.5);
  const noise = surfaceNoise(place, form, randomBetween(random, 1.5, 6));
  const fine = surfaceNoise(place, form, randomBetween(random, 6, 14));
  for (let i = 0; i < form.mask.length; i++) {
    if (form.mask[i] === 0) continue;
    const cover = strength * smooth(1 - mottled * (0.5 + noise[i]!));
    tintPixel(canvas, i, colour, cover, 1 + 0.2 * mottled * fine[i]!, 1);
  }
}

/** Skin that keeps its colour, but darker and browner, with a soft or a hard edge. */
function paintBruise(canvas: Canvas): void {
  const { form, place, paint, defect } = canvas;
  const { random } = place;
  const dark = randomBetween(random, 0.35, 0.75);
  const brown: Rgb = [
    randomBetween(random, 70, 130),
    randomBetween(random, 46, 84),
    randomBetween(random, 26, 54),
  ];
  const tinted = randomBetween(random, 0.1, 0.6);
  eachCovered(canvas, randomBetween(random, 0.3, 0.95), randomBetween(random, 0.08, 0.5), (i, cover) => {
    for (let c = 0; c < 3; c++) {
      const value = paint[3 * i + c]! * (1 - (1 - dark) * cover);
      paint[3 * i + c] = value + (brown[c]! - value) * tinted * cover;
    }
    defect[i] = Math.max(defect[i]!, cover);
  });
  if (form.mask.length > 0 && random.next() < 0.3)
    paintPatch(canvas, randomBetween(random, 0.08, 0.3), randomBrown(random), 0.9, 1);
}

/** Paths of insects: dark lines on a pale halo. */
function paintTracks(canvas: Canvas): void {
  const { form, place } = canvas;
  const { random } = place;
  const count = 2 + randomInt(random, 4);
  const dark = randomBrown(random);
  const halo: Rgb = [206, 186, 120];
  const haloed = randomBetween(random, 0, 0.6);
  for (let n = 0; n < count; n++) {
    let angle = randomBetween(random, 0, 2 * Math.PI);
    let x = randomBetween(random, -0.6, 0.6);
    let y = randomBetween(random, -0.6, 0.6);
    const width = randomBetween(random, 0.02, 0.06);
    const steps = 4 + randomInt(random, 14);
    const points: [number, number][] = [];
    for (let step = 0; step < steps; step++) {
      angle += randomBetween(random, -0.9, 0.9);
      x += 0.07 * Math.cos(angle);
      y += 0.07 * Math.sin(angle);
      points.push([x, y]);
    }
    for (let i = 0; i < form.mask.length; i++) {
      if (form.mask[i] === 0) continue;
      let nearest = 1;
      for (const [px, py] of points)
        nearest = Math.min(nearest, Math.hypot(form.x[i]! - px, form.y[i]! - py));
      if (nearest > 4 * width + 0.1) continue;
      tintPixel(canvas, i, halo, haloed * smooth(1.2 - nearest / (3 * width + 0.05)), 1, 0);
      tintPixel(canvas, i, dark, 0.9 * smooth((width + 0.02 - nearest) * 30), 1, 0);
    }
  }
}

/** Patches everywhere by noise: scab, cork and blotches. */
function paintMottle(canvas: Canvas): void {
  const { form, place } = canvas;
  const { random } = place;
  const colour = randomBrown(random);
  const noise = surfaceNoise(place, form, randomBetween(random, 1.5, 5));
  const fine = surfaceNoise(place, form, randomBetween(random, 8, 16));
  const limit = randomBetween(random, -0.1, 0.3);
  const sharpness = randomBetween(random, 3, 14);
  const strength = randomBetween(random, 0.5, 0.95);
  for (let i = 0; i < form.mask.length; i++) {
    if (form.mask[i] === 0) continue;
    const cover = strength * smooth((noise[i]! + 0.25 * fine[i]! - limit) * sharpness);
    tintPixel(canvas, i, colour, cover, 1 + 0.15 * fine[i]!, 0);
  }
}

/** Shrivelled skin and dents: dark folds, each with a light one beside it, in skin that has gone dull. */
function paintWrinkles(canvas: Canvas): void {
  const { form, place, paint, defect } = canvas;
  const { random } = place;
  const frequency = randomBetween(random, 1.5, 4);
  const noise = surfaceNoise(place, form, frequency);
  const depth = randomBetween(random, 0.35, 0.7);
  const sharpness = randomBetween(random, 5, 10);
  const dull = randomBetween(random, 0, 0.35);
  eachCovered(canvas, randomBetween(random, 0.45, 1.1), 0.4, (i, cover) => {
    const fold = smooth(1 - Math.abs(noise[i]!) * sharpness) * depth;
    const beside = 0.3 * smooth(1 - Math.abs(noise[i]! - 1 / sharpness) * sharpness);
    for (let c = 0; c < 3; c++) {
      const value = paint[3 * i + c]!;
      const dulled = value + ([112, 74, 48][c]! - value) * dull * cover;
      paint[3 * i + c] = dulled * (1 + cover * (beside - fold));
    }
    defect[i] = Math.max(defect[i]!, cover * Math.max(dull, fold));
  });
}

function paintPatch(
  canvas: Canvas,
  radius: number,
  colour: Rgb,
  strength: number,
  rot: number,
  rings = 0,
): void {
  const { place, form } = canvas;
  const { random } = place;
  const fine = surfaceNoise(place, form, 9);
  const grain = randomBetween(random, 0, 0.25);
  const pale = rings > 0 && random.next() < 0.5;
  eachCovered(canvas, radius, randomBetween(random, 0.05, 0.4), (i, cover, distance) => {
    const ring = rings > 0 ? Math.sin(distance * rings * 2 * Math.PI) : 0;
    const tone = 1 + grain * fine[i]! + 0.2 * ring;
    tintPixel(canvas, i, colour, strength * cover, tone, rot);
    if (pale && ring > 0.3 && fine[i]! > 0.1) tintPixel(canvas, i, [200, 190, 170], 0.6 * cover, 1, rot);
  });
}

/** A noisy ellipse somewhere on the side that is seen; `distance` is 0 in its middle and 1 at its edge. */
function eachCovered(
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

function tintPixel(
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
function randomBrown(random: Random): Rgb {
  const light = randomBetween(random, 0.25, 1.25) ** 1.3;
  return [
    light * randomBetween(random, 105, 145),
    light * randomBetween(random, 58, 100),
    light * randomBetween(random, 25, 66),
  ];
}
