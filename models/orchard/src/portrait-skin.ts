import { type Random, randomBetween, randomNormal } from '@pomona/wire';
import type { NoiseVolume } from './noise-volume.ts';
import type { PortraitForm } from './portrait-form.ts';
import { pickVariety, type Rgb, varieties } from './variety.ts';

/** Colours of all pixels, [size, size, 3], sRGB 0 to 255 and beyond. */
export type Paint = Float32Array;

/** Where a portrait reads its noise; every layer moves on to a place of its own. */
export interface NoisePlace {
  readonly volume: NoiseVolume;
  readonly random: Random;
}

/** Smooth noise over the fruit's surface, about -1 to 1, with features of a size of 1 / `frequency` radii. */
export function surfaceNoise(
  { volume, random }: NoisePlace,
  form: PortraitForm,
  frequency: number,
): Float32Array {
  const [ox, oy, oz] = [0, 1, 2].map(() => randomBetween(random, 0, 32)) as [number, number, number];
  const out = new Float32Array(form.mask.length);
  for (let i = 0; i < out.length; i++) {
    if (form.mask[i] === 0) continue;
    out[i] = volume.at(form.x[i]! * frequency + ox, form.y[i]! * frequency + oy, form.z[i]! * frequency + oz);
  }
  return out;
}

/**
 * Sound skin as it varies: two or three colours of a variety laid over each other by noise and by streaks that run from
 * the cavity, lenticels, a net of cork, and a cavity that may be dark, green or corky, with its stem or the calyx.
 */
export function paintPortraitSkin(form: PortraitForm, place: NoisePlace): Paint {
  const { random } = place;
  const paint = new Float32Array(form.mask.length * 3);
  const variety = pickVariety(varieties, random);
  const plain = random.next() < 0.25;
  const ground = jitter(mix(variety.ground, variety.groundRipe, random.next()), random);
  const blush = jitter(plain ? ground : variety.blush, random);
  const streak = jitter(random.next() < 0.3 ? variety.ground : variety.streak, random);
  const axis = randomAxis(random);
  const coarse = surfaceNoise(place, form, randomBetween(random, 0.6, 1.6));
  const medium = surfaceNoise(place, form, randomBetween(random, 3, 6));
  const fine = surfaceNoise(place, form, randomBetween(random, 10, 18));
  const rays = finerToo(
    rayNoise(form, place, axis, randomBetween(random, 4, 16)),
    rayNoise(form, place, axis, randomBetween(random, 16, 40)),
    randomBetween(random, 0, 1),
  );
  const share = randomBetween(random, variety.blushShare[0], variety.blushShare[1]) - 0.5;
  const edge = 0.6 + 4.4 * random.next() ** 2;
  const streaks = random.next() < 0.6 ? randomBetween(random, 0.2, 1) : 0;
  const mottle = randomBetween(random, 0.01, 0.09);
  const dots = random.next() < 0.5 ? randomBetween(random, 0.15, 0.6) : 0;
  const dotLimit = randomBetween(random, 0.55, 0.8);
  const net = random.next() < 0.2 ? randomBetween(random, 0.1, 0.5) : 0;
  // A fruit is no ball: lumps, and shoulders in ribs.
  const lumps = random.next() < 0.7 ? randomBetween(random, 0, 0.05) : 0;
  for (let i = 0; i < form.mask.length; i++) {
    if (form.mask[i] === 0) continue;
    const blushed = smooth(0.5 + (share * 1.6 + coarse[i]! + 0.5 * streaks * rays[i]!) * edge * 0.4);
    const striped = streaks * smooth(0.4 + 1.6 * rays[i]!) * (0.3 + 0.7 * blushed);
    const dotted = dots * smooth((fine[i]! - dotLimit) * 8);
    const netted = net * smooth(1 - Math.abs(medium[i]! + 0.5 * fine[i]!) * 3.5);
    const tone = 1 + mottle * (medium[i]! + fine[i]!);
    form.relief[i]! += lumps * coarse[i]!;
    for (let c = 0; c < 3; c++) {
      let value = ground[c]! + (blush[c]! - ground[c]!) * blushed;
      value += (streak[c]! - value) * striped * 0.8;
      value += (variety.lenticel[c]! - value) * dotted;
      value += (cork[c]! - value) * netted;
      paint[3 * i + c] = value * tone;
    }
  }
  if (random.next() < 0.75) paintCavity(paint, form, axis, rays, fine, random);
  return paint;
}

const cork: Rgb = [178, 140, 92];

/** The cavity with a stem, or the calyx: both are dark, and both are usual. */
function paintCavity(
  paint: Paint,
  form: PortraitForm,
  axis: Rgb,
  rays: Float32Array,
  fine: Float32Array,
  random: Random,
): void {
  const width = randomBetween(random, 0.12, 0.42);
  const dark = randomBetween(random, 0.1, 0.75);
  const heart = randomBetween(random, 0.02, 0.12);
  const depth = width * randomBetween(random, 0.1, 1);
  const rim: Rgb = random.next() < 0.5 ? [120, 140, 60] : cork;
  const tinted = randomBetween(random, 0, 0.7);
  const raggedness = randomBetween(random, 0, 0.6);
  const sooty = random.next() < 0.3 ? randomBetween(random, 0.2, 0.8) : 0;
  const sootReach = width * randomBetween(random, 1, 2.5);
  const soot: Rgb = random.next() < 0.5 ? [84, 66, 82] : [104, 78, 52];
  const stem = random.next() < 0.55 ? randomStem(random) : undefined;
  for (let i = 0; i < form.mask.length; i++) {
    if (form.mask[i] === 0) continue;
    const dx = form.x[i]! - axis[0];
    const dy = form.y[i]! - axis[1];
    const dz = form.z[i]! - axis[2];
    const distance = Math.sqrt(dx * dx + dy * dy + dz * dz);
    if (distance < 2.2 * width) {
      const funnel = Math.exp(-((distance / width) ** 2));
      const near = funnel * (1 + raggedness * rays[i]!);
      form.relief[i]! -= depth * funnel * (1 + 0.3 * raggedness * rays[i]!);
      const inner = smooth((heart * (1 + 0.5 * fine[i]! + raggedness * rays[i]!) - distance) * 14 + 0.5);
      for (let c = 0; c < 3; c++) {
        const at = 3 * i + c;
        const value = paint[at]! + (rim[c]! - paint[at]!) * tinted * Math.min(1, Math.max(0, near));
        const shaded = value * (1 - dark * Math.max(0, near));
        paint[at] = shaded + ([46, 38, 26][c]! - shaded) * inner;
      }
    }
    if (sooty > 0 && distance < 2 * sootReach) {
      const streaked = smooth(rays[i]! + 0.5 * fine[i]! + 0.1);
      const cover = sooty * streaked * Math.exp(-((distance / sootReach) ** 2));
      for (let c = 0; c < 3; c++) paint[3 * i + c]! += (soot[c]! - paint[3 * i + c]!) * cover;
    }
    if (stem && form.z[i]! >= 0) paintStem(paint, i, dx, dy, stem);
  }
}

interface Stem {
  readonly across: number;
  readonly down: number;
  readonly length: number;
  readonly halfWidth: number;
  readonly colour: Rgb;
  /** How much darker one of its sides is. */
  readonly shade: number;
  /** Where its shadow falls, and what that takes. */
  readonly shadowAcross: number;
  readonly shadowDown: number;
  readonly shadowDark: number;
}

function randomStem(random: Random): Stem {
  const angle = randomBetween(random, 0, 2 * Math.PI);
  const brown = randomBetween(random, 0.5, 1.3);
  const turned = angle + randomBetween(random, -0.9, 0.9);
  const isGreen = random.next() < 0.25;
  return {
    across: Math.cos(angle),
    down: Math.sin(angle),
    length: randomBetween(random, 0.1, 0.65),
    halfWidth: randomBetween(random, 0.015, 0.055),
    colour: isGreen ? [104 * brown, 116 * brown, 50 * brown] : [96 * brown, 70 * brown, 38 * brown],
    shade: randomBetween(random, -0.5, 0.5),
    shadowAcross: Math.cos(turned),
    shadowDown: Math.sin(turned),
    shadowDark: random.next() < 0.6 ? randomBetween(random, 0.1, 0.6) : 0,
  };
}

function paintStem(paint: Paint, i: number, dx: number, dy: number, stem: Stem): void {
  const { length, halfWidth } = stem;
  const offLine = (across: number, down: number): number => {
    const along = Math.min(length, Math.max(0, dx * across + dy * down));
    return Math.hypot(dx - along * across, dy - along * down);
  };
  const shadow = stem.shadowDark * smooth((2 * halfWidth - offLine(stem.shadowAcross, stem.shadowDown)) * 15);
  const cover = smooth((halfWidth - offLine(stem.across, stem.down)) * 40 + 0.5);
  const side = Math.min(1, Math.max(-1, (dy * stem.across - dx * stem.down) / halfWidth));
  for (let c = 0; c < 3; c++) {
    const shaded = paint[3 * i + c]! * (1 - shadow);
    paint[3 * i + c] = shaded + (stem.colour[c]! * (1 + stem.shade * side) - shaded) * cover;
  }
}

/** Noise that changes around an axis and hardly along it. */
function rayNoise(
  form: PortraitForm,
  { volume, random }: NoisePlace,
  axis: Rgb,
  count: number,
): Float32Array {
  const start = randomBetween(random, 0, 32);
  const [ux, uy, uz] = perpendicular(axis);
  const [vx, vy, vz] = cross(axis, [ux, uy, uz]);
  const out = new Float32Array(form.mask.length);
  for (let i = 0; i < out.length; i++) {
    if (form.mask[i] === 0) continue;
    const [x, y, z] = [form.x[i]!, form.y[i]!, form.z[i]!];
    const angle = Math.atan2(x * vx + y * vy + z * vz, x * ux + y * uy + z * uz);
    const along = x * axis[0] + y * axis[1] + z * axis[2];
    // The noise repeats every 32 units, a turn does not fit it: the seam is one streak among others.
    out[i] = volume.at(start + angle * count * 0.6, start + along * 1.2, start);
  }
  return out;
}

function finerToo(coarse: Float32Array, fine: Float32Array, share: number): Float32Array {
  return coarse.map((value, i) => value * (1 - 0.5 * share) + fine[i]! * share);
}

/** Somewhere on the side that is seen, or a little beyond its rim. */
function randomAxis(random: Random): Rgb {
  const z = randomBetween(random, -0.25, 1);
  const across = Math.sqrt(1 - z * z);
  const angle = randomBetween(random, 0, 2 * Math.PI);
  return [across * Math.cos(angle), across * Math.sin(angle), z];
}

function perpendicular(axis: Rgb): Rgb {
  const other: Rgb = Math.abs(axis[2]) < 0.9 ? [0, 0, 1] : [1, 0, 0];
  const [x, y, z] = cross(axis, other);
  const length = Math.hypot(x, y, z);
  return [x / length, y / length, z / length];
}

function cross(a: Rgb, b: Rgb): Rgb {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function jitter(colour: Rgb, random: Random): Rgb {
  const tone = 1 + 0.08 * randomNormal(random);
  return colour.map((value) => value * tone + 9 * randomNormal(random)) as unknown as Rgb;
}

function mix(a: Rgb, b: Rgb, t: number): Rgb {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

/** 0 below 0, 1 above 1, smooth between. */
export function smooth(t: number): number {
  const u = t < 0 ? 0 : Math.min(t, 1);
  return u * u * (3 - 2 * u);
}
