import { type Random, randomBetween, randomInt } from '@pomona/wire';
import {
  type BlemishCover,
  type Canvas,
  eachCovered,
  emptyCanvas,
  randomBrown,
  tintPixel,
} from './blemish-canvas.ts';
import type { PortraitForm } from './portrait-form.ts';
import { type NoisePlace, type Paint, smooth, surfaceNoise } from './portrait-skin.ts';
import { paintCrack, paintStar, paintWound } from './portrait-wound.ts';
import type { Rgb } from './variety.ts';

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
  const count = random.next() < 0.6 ? randomInt(random, 10) : 0;
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

function paintOne(canvas: Canvas): void {
  const { random } = canvas.place;
  const kind = random.next();
  if (kind < 0.2) paintWhole(canvas);
  else if (kind < 0.37) paintBruise(canvas);
  else if (kind < 0.43) paintTracks(canvas);
  else if (kind < 0.53) paintMottle(canvas);
  else if (kind < 0.63) paintWrinkles(canvas);
  else if (kind < 0.69) paintCrack(canvas);
  else if (kind < 0.75) paintWound(canvas);
  else if (kind < 0.8) paintStar(canvas);
  else paintRot(canvas);
}

/** One large patch, or several smaller ones of one colour. */
function paintRot(canvas: Canvas): void {
  const { random } = canvas.place;
  const count = random.next() < 0.5 ? 1 : 2 + randomInt(random, 6);
  const colour = randomBrown(random);
  for (let n = 0; n < count; n++) {
    const radius = randomBetween(random, 0.2, count === 1 ? 1.2 : 0.85) / Math.sqrt(0.6 + 0.4 * count);
    const rings = random.next() < 0.25 ? randomBetween(random, 2, 5) : 0;
    paintPatch(canvas, radius, colour, randomBetween(random, 0.55, 1), 1, rings);
  }
}

/** Brown through and through, glossy as a sound one or not, or with a soft border to what is still sound. */
function paintWhole(canvas: Canvas): void {
  const { form, place } = canvas;
  const { random } = place;
  const colour = randomBrown(random, 1);
  const strength = randomBetween(random, 0.65, 0.97);
  const mottled = randomBetween(random, 0, 0.5);
  const coarse = surfaceNoise(place, form, randomBetween(random, 0.5, 1.3));
  const noise = surfaceNoise(place, form, randomBetween(random, 1.5, 6));
  const fine = surfaceNoise(place, form, randomBetween(random, 6, 14));
  const isPartly = random.next() < 0.55;
  const [spread, slope] = [randomBetween(random, -0.1, 0.9), randomBetween(random, 0.7, 3.5)];
  const shrivelled = random.next() < 0.4 ? randomBetween(random, 0.01, 0.06) : 0;
  for (let i = 0; i < form.mask.length; i++) {
    if (form.mask[i] === 0) continue;
    const reached = isPartly ? smooth(0.5 + (spread + coarse[i]! + 0.15 * noise[i]!) * slope) : 1;
    const cover = strength * reached * smooth(1 - mottled * (0.5 + noise[i]!));
    tintPixel(canvas, i, colour, cover, 1 + 0.2 * mottled * fine[i]!, 1);
    form.relief[i]! += shrivelled * reached * (noise[i]! + 0.1 * fine[i]!);
  }
}

/** Skin that keeps its colour, but darker and browner, with a soft or a hard edge. */
function paintBruise(canvas: Canvas): void {
  const { form, place, paint, defect } = canvas;
  const { random } = place;
  const dark = randomBetween(random, 0.35, 0.9);
  const isPurple = random.next() < 0.25;
  const brown: Rgb = [
    randomBetween(random, 70, 130),
    randomBetween(random, isPurple ? 36 : 46, isPurple ? 60 : 84),
    randomBetween(random, isPurple ? 50 : 26, isPurple ? 84 : 54),
  ];
  const tinted = randomBetween(random, 0.15, 0.75);
  const radius = randomBetween(random, 0.3, 0.95);
  const depth = randomDent(radius, random);
  eachCovered(canvas, radius, randomBetween(random, 0.08, 0.5), (i, cover, distance) => {
    form.relief[i]! -= depth * smooth(1.1 - distance);
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
      if (form.mask[i] === 0 || form.z[i]! < 0) continue;
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
  const depth = randomBetween(random, 0.15, 0.7);
  const sharpness = randomBetween(random, 5, 10);
  const dull = randomBetween(random, 0, 0.35);
  const dug = randomBetween(random, 0.01, 0.05);
  eachCovered(canvas, randomBetween(random, 0.45, 1.1), 0.4, (i, cover) => {
    const fold = smooth(1 - Math.abs(noise[i]!) * sharpness) * depth;
    form.relief[i]! -= dug * cover * smooth(1 - Math.abs(noise[i]!) * 0.5 * sharpness);
    const beside = 0.3 * smooth(1 - Math.abs(noise[i]! - 1 / sharpness) * sharpness);
    for (let c = 0; c < 3; c++) {
      const value = paint[3 * i + c]!;
      const dulled = value + ([112, 74, 48][c]! - value) * dull * cover;
      paint[3 * i + c] = dulled * (1 + cover * (beside - fold));
    }
    defect[i] = Math.max(defect[i]!, cover * Math.max(dull, fold));
  });
}

/** How deep the middle of something that wide has sunk, in half of all cases. */
function randomDent(radius: number, random: Random): number {
  return random.next() < 0.5 ? radius * randomBetween(random, 0.02, 0.2) : 0;
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
  const depth = rot > 0 ? randomDent(radius, random) : 0;
  const margin = random.next() < 0.3 ? randomBetween(random, -0.6, 0.35) : 0;
  eachCovered(canvas, radius, randomBetween(random, 0.05, 0.4), (i, cover, distance) => {
    form.relief[i]! -= depth * smooth(1.1 - distance);
    const ring = rings > 0 ? Math.sin(distance * rings * 2 * Math.PI) : 0;
    const edge = margin * Math.exp(-(((distance - 0.85) / 0.15) ** 2));
    const tone = 1 + grain * fine[i]! + 0.2 * ring + edge;
    tintPixel(canvas, i, colour, strength * cover, tone, rot);
    if (pale && ring > 0.3 && fine[i]! > 0.1) tintPixel(canvas, i, [200, 190, 170], 0.6 * cover, 1, rot);
  });
}
