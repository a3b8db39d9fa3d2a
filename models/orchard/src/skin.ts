import { type Random, randomBetween, randomNormal } from '@pomona/wire';
import { skinNoise } from './skin-noise.ts';
import { mapSide, mapStride, mapTexels, sphereMap } from './sphere-map.ts';
import type { Rgb, Variety } from './variety.ts';

/** A fruit's skin per texel of the sphere map, four bytes each: sRGB colour and gloss (0 matte, 255 waxy). */
export type Skin = Uint8Array;

const longitudes = 1024;
const longitudeOf = Uint16Array.from({ length: mapTexels }, (_, i) => {
  const turn = Math.atan2(sphereMap.y[i]!, sphereMap.x[i]!) / (2 * Math.PI) + 1;
  return Math.floor((turn % 1) * longitudes) % longitudes;
});

/** Share of its gloss: none comes into the cavities. */
const polishOf = Float64Array.from({ length: mapTexels }, (_, i) => {
  const across = Math.sqrt(sphereMap.x[i]! ** 2 + sphereMap.y[i]! ** 2);
  return 1 - 0.85 * Math.exp(-((across / 0.34) ** 4));
});

/** Paints the skin of a sound fruit. `ripeness` 0 to 1 moves the ground colour and the blush. */
export function paintSkin(variety: Variety, ripeness: number, random: Random): Skin {
  const skin = new Uint8Array(mapTexels * 4);
  const ground = jitter(mix(variety.ground, variety.groundRipe, ripeness), random, 6);
  const blush = jitter(variety.blush, random, 6);
  const streak = jitter(variety.streak, random, 6);
  // Between green and red lies a clear orange: pigments add up on the fruit, they do not mix to brown.
  const turning: Rgb = [
    1.06 * Math.max(ground[0], blush[0]),
    0.58 * (ground[1] + blush[1]),
    0.9 * Math.min(ground[2], blush[2]),
  ];
  const share = randomBetween(random, variety.blushShare[0], variety.blushShare[1]);
  const [sunX, sunY, sunZ] = sunDirection(random);
  const edge = 1.2 + 4 * variety.blushEdge;
  const bias = (share - 0.5) * (2.4 + 2 / edge);
  const rays = streakTable(random);
  const coarse = skinNoise('coarse', random);
  const medium = skinNoise('medium', random);
  const warp = skinNoise('medium', random);
  const fine = skinNoise('fine', random);
  const patchiness = randomBetween(random, 0.5, 1.1);
  const streaks = variety.streaks * randomBetween(random, 0.6, 1.1);
  const cavityWidth = randomBetween(random, 0.24, 0.4);
  const cavityGreen = mix(ground, [150, 164, 62], 0.5);
  const cavityCork = Math.max(0, variety.cavityCork + 0.25 * randomNormal(random));
  const eye = randomBetween(random, 0.06, 0.095);
  for (let i = 0; i < mapTexels; i++) {
    const x = sphereMap.x[i]!;
    const y = sphereMap.y[i]!;
    const z = sphereMap.z[i]!;
    const across = Math.sqrt(x * x + y * y);
    const ray = rays[(longitudeOf[i]! + 14 * warp[i]! + longitudes) & (longitudes - 1)]!;
    const sunny = x * sunX + y * sunY + z * sunZ;
    const reach = 0.9 * sunny + patchiness * coarse[i]! + bias + streaks * 1.3 * ray * across;
    const blushed = share === 0 ? 0 : step01(0.5 + reach * edge * 0.25);
    const striped = blushed * streaks * step01(0.5 + 1.4 * ray) * Math.min(1, 2.5 * across);
    const tone = 1 + 0.05 * medium[i]! + 0.03 * fine[i]! - 0.05 * coarse[i]!;
    const isTurning = blushed < 0.5;
    const from = isTurning ? ground : turning;
    const to = isTurning ? turning : blush;
    const part = isTurning ? 2 * blushed : 2 * blushed - 1;
    let r = from[0] + (to[0] - from[0]) * part;
    let g = from[1] + (to[1] - from[1]) * part;
    let b = from[2] + (to[2] - from[2]) * part;
    r += (streak[0] - r) * striped;
    g += (streak[1] - g) * striped;
    b += (streak[2] - b) * striped;
    if (z > 0 && across < 2 * cavityWidth) {
      const near = Math.exp(-((across / cavityWidth) ** 2));
      const green = 0.75 * near;
      r += (cavityGreen[0] - r) * green;
      g += (cavityGreen[1] - g) * green;
      b += (cavityGreen[2] - b) * green;
      const corky = cavityCork * step01((near - 0.45 + 0.35 * ray + 0.25 * fine[i]!) * 2.2) * 0.6;
      r += (190 - r) * corky;
      g += (158 - g) * corky;
      b += (78 - b) * corky;
    } else if (z < 0 && across < 3 * eye) {
      const star =
        eye * (1 + 0.28 * Math.cos(5 * 2 * Math.PI * (longitudeOf[i]! / longitudes)) + 0.3 * fine[i]!);
      const dark = step01((star - across) * 22 + 0.5);
      const green = 0.35 * Math.exp(-((across / (1.6 * eye)) ** 2));
      r += (132 - r) * green;
      g += (140 - g) * green;
      b += (72 - b) * green;
      const felt = across < 0.45 * eye ? 30 : 0;
      r += (118 + felt - r) * dark;
      g += (108 + felt - g) * dark;
      b += (46 + felt - b) * dark;
    }
    if (variety.net > 0) {
      const line = step01(1 - Math.abs(medium[i]! + 0.5 * fine[i]!) * (4.2 - 3 * variety.net)) * variety.net;
      r += (190 - r) * line;
      g += (158 - g) * line;
      b += (84 - b) * line;
    }
    skin[4 * i] = clampByte(r * tone);
    skin[4 * i + 1] = clampByte(g * tone);
    skin[4 * i + 2] = clampByte(b * tone);
    skin[4 * i + 3] = (235 - 150 * variety.matte) * polishOf[i]!;
  }
  dotLenticels(skin, variety, random);
  return skin;
}

/** Small pale or corky pores, denser and smaller towards the calyx. */
function dotLenticels(skin: Skin, variety: Variety, random: Random): void {
  const count = Math.round(variety.lenticels * randomBetween(random, 0.6, 1.3));
  const strength = randomBetween(random, 0.3, 0.75);
  for (let n = 0; n < count; n++) {
    const column = 1 + Math.floor(random.next() * mapSide);
    const row = 1 + Math.floor(random.next() * mapSide);
    const at = row * mapStride + column;
    if (sphereMap.z[at]! > 0.93 || sphereMap.z[at]! < -0.985) continue;
    const own = strength * randomBetween(random, 0.5, 1);
    tint(skin, at, variety.lenticel, own);
    if (random.next() < 0.5 && sphereMap.z[at]! > -0.4)
      tint(skin, at + (random.next() < 0.5 ? 1 : mapStride), variety.lenticel, own * 0.6);
  }
}

/** Moves a texel's colour towards `colour` by `share`. */
export function tint(skin: Skin, texel: number, colour: Rgb, share: number): void {
  for (let c = 0; c < 3; c++) {
    const at = 4 * texel + c;
    skin[at] = skin[at]! + (colour[c]! - skin[at]!) * share;
  }
}

/** Strength of the streak at each longitude, about -1 to 1. */
function streakTable(random: Random): Float32Array {
  const table = new Float32Array(longitudes);
  for (const [count, strength] of [
    [17, 0.35],
    [43, 0.4],
    [97, 0.35],
  ] as const) {
    const knots = Float32Array.from({ length: count }, () => random.next() * 2 - 1);
    for (let i = 0; i < longitudes; i++) {
      const at = (i / longitudes) * count;
      const k = Math.floor(at);
      const t = at - k;
      const eased = t * t * (3 - 2 * t);
      table[i]! += strength * (knots[k]! * (1 - eased) + knots[(k + 1) % count]! * eased);
    }
  }
  return table;
}

/** The sun reaches a fruit from the side, rather from the stem than from below. */
function sunDirection(random: Random): Rgb {
  const angle = randomBetween(random, 0, 2 * Math.PI);
  const z = randomBetween(random, -0.3, 0.6);
  const across = Math.sqrt(1 - z * z);
  return [across * Math.cos(angle), across * Math.sin(angle), z];
}

function jitter(colour: Rgb, random: Random, deviation: number): Rgb {
  const tone = 1 + 0.035 * randomNormal(random);
  return [
    colour[0] * tone + deviation * 0.6 * randomNormal(random),
    colour[1] * tone + deviation * randomNormal(random),
    colour[2] * tone + deviation * 0.6 * randomNormal(random),
  ];
}

function mix(a: Rgb, b: Rgb, t: number): Rgb {
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}

function step01(t: number): number {
  const u = t < 0 ? 0 : Math.min(t, 1);
  return u * u * (3 - 2 * u);
}

function clampByte(value: number): number {
  return value < 0 ? 0 : Math.min(value, 255);
}
