import { type Random, randomBetween, randomInt } from '@pomona/wire';
import { randomDirection, stampLine, type Vector } from './paint-line.ts';
import type { PlannedDefect } from './plan-defects.ts';
import { type Skin, tint } from './skin.ts';
import { skinNoise } from './skin-noise.ts';
import { mapTexels, sphereMap } from './sphere-map.ts';
import { type DefectKind, defectKinds } from './truth.ts';
import type { Rgb } from './variety.ts';

/** What a defect is painted on: the skin, and per texel the number of the defect there (0 none). */
export interface DefectCanvas {
  readonly skin: Skin;
  readonly defectOf: Uint8Array;
}

/** Paints one planned defect at a place of its own choice. */
export function paintDefect(canvas: DefectCanvas, plan: PlannedDefect, random: Random): void {
  const mark = defectKinds.indexOf(plan.kind) + 1;
  if (plan.kind === 'crack' || plan.kind === 'track') stampLine(canvas, mark, plan.kind, plan.share, random);
  else paintPatch(canvas, mark, plan.share, patchStyle(plan.kind, plan.share, random), random);
}

function patchStyle(kind: Exclude<DefectKind, 'crack' | 'track'>, share: number, random: Random): PatchStyle {
  switch (kind) {
    case 'bruise':
      return bruise(random);
    case 'rot':
      return rot(random);
    case 'scab':
      return scab(share, random);
    case 'russet':
      return russet(random);
    case 'speck':
      return speck(random);
  }
}

/** How a patch looks. `depth` is 0 at its middle and 1 at its edge; beyond 1 is its surrounding, up to `haloDepth`. */
interface PatchStyle {
  readonly elongation: number;
  /** How far noise moves the edge, in radii: of lobes and of fringes. */
  readonly lobes: number;
  readonly fringes: number;
  /** Width of the edge's blur, in radii. */
  readonly softness: number;
  readonly haloDepth: number;
  readonly paint: (skin: Skin, texel: number, depth: number, cover: number) => void;
}

function paintPatch(
  canvas: DefectCanvas,
  mark: number,
  share: number,
  style: PatchStyle,
  random: Random,
): void {
  const [cx, cy, cz] = randomDirection(random);
  const [ex, ey, ez] = perpendicular([cx, cy, cz], random);
  const lobes = skinNoise('medium', random);
  const fringes = skinNoise('fine', random);
  // A cap of the sphere whose edge is a chord of q from its middle has q²/4 of the surface.
  const radius = 2 * Math.sqrt(share);
  const reach = radius * Math.max(style.elongation, 1) * (style.haloDepth + style.lobes + style.fringes);
  const cosMin = 1 - (reach * reach) / 2;
  const stretch = style.elongation ** 2;
  for (let i = 0; i < mapTexels; i++) {
    const x = sphereMap.x[i]!;
    const y = sphereMap.y[i]!;
    const z = sphereMap.z[i]!;
    const cos = x * cx + y * cy + z * cz;
    if (cos < cosMin) continue;
    const chord2 = 2 - 2 * cos;
    const along = x * ex + y * ey + z * ez;
    const along2 = chord2 > 0 ? Math.min(1, (along * along) / (chord2 * (1 - chord2 / 4) + 1e-9)) : 0;
    const distance = Math.sqrt(chord2 * (along2 / stretch + (1 - along2) * stretch));
    const depth = distance / radius + style.lobes * lobes[i]! + style.fringes * fringes[i]!;
    if (depth > style.haloDepth) continue;
    const cover = Math.min(1, Math.max(0, 0.5 + (1 - depth) / style.softness));
    style.paint(canvas.skin, i, depth, cover);
    if (depth < 1) canvas.defectOf[i] = mark;
  }
}

/** Darkens and browns the skin's own colour. */
function bruise(random: Random): PatchStyle {
  const dark = randomBetween(random, 0.6, 0.72);
  const brown: Rgb = [
    randomBetween(random, 78, 94),
    randomBetween(random, 58, 70),
    randomBetween(random, 46, 56),
  ];
  return {
    elongation: randomBetween(random, 1, 1.25),
    lobes: 0.12,
    fringes: 0.04,
    softness: 0.22,
    haloDepth: 1.15,
    paint: (skin, texel, depth, cover) => {
      const shade = 1 - (1 - dark) * cover * (1.05 - 0.2 * Math.max(0, depth));
      for (let c = 0; c < 3; c++) skin[4 * texel + c] = skin[4 * texel + c]! * shade;
      tint(skin, texel, brown, 0.82 * cover);
      skin[4 * texel + 3] = skin[4 * texel + 3]! * (1 - 0.4 * cover);
    },
  };
}

/** Soft rot: brown to black, often in rings, sometimes with pale cushions of spores. */
function rot(random: Random): PatchStyle {
  const black = random.next() < 0.3;
  const base: Rgb = black
    ? [randomBetween(random, 40, 52), randomBetween(random, 22, 28), randomBetween(random, 26, 36)]
    : [randomBetween(random, 84, 100), randomBetween(random, 40, 48), randomBetween(random, 16, 24)];
  const rings = random.next() < 0.6 ? randomBetween(random, 2.5, 5) : 0;
  const spores = rings > 0 && random.next() < 0.5;
  const grain = skinNoise('grain', random);
  const mottle = skinNoise('fine', random);
  const phase = randomBetween(random, 0, 6);
  return {
    elongation: randomBetween(random, 1, 1.15),
    lobes: 0.1,
    fringes: 0.03,
    softness: 0.1,
    haloDepth: 1.05,
    paint: (skin, texel, depth, cover) => {
      const ring = rings > 0 ? Math.sin(depth * rings * 2 * Math.PI + phase) : 0;
      const tone = 0.86 + 0.2 * depth + 0.12 * ring + 0.08 * mottle[texel]!;
      tint(skin, texel, [base[0] * tone, base[1] * tone, base[2] * tone], cover);
      if (spores && ring > 0.2 && depth < 0.85 && grain[texel]! > 0.25)
        tint(skin, texel, [206, 192, 164], 0.65 * cover);
      skin[4 * texel + 3] = skin[4 * texel + 3]! * (1 - cover) + (black ? 120 : 60) * cover;
    },
  };
}

/** Apple scab: olive black velvet with a feathered edge and a pale rim; corky and torn in the middle when old. */
function scab(share: number, random: Random): PatchStyle {
  const velvet: Rgb = [
    randomBetween(random, 54, 66),
    randomBetween(random, 60, 72),
    randomBetween(random, 36, 46),
  ];
  const isOld = share > 0.002 && random.next() < 0.5;
  const grain = skinNoise('grain', random);
  return {
    elongation: randomBetween(random, 1, 1.35),
    lobes: 0.16,
    fringes: 0.2,
    softness: 0.16,
    haloDepth: 1.3,
    paint: (skin, texel, depth, cover) => {
      if (cover < 1) tint(skin, texel, [206, 190, 110], 0.28 * (1 - cover));
      const tone = 1 + 0.25 * grain[texel]!;
      tint(skin, texel, [velvet[0] * tone, velvet[1] * tone, velvet[2] * tone], 0.94 * cover);
      if (isOld && depth < 0.55) {
        const torn = grain[texel]! > 0.1 ? 0.75 : 0.35;
        tint(skin, texel, [128, 106, 78], torn * Math.min(1, (0.55 - depth) * 5));
      }
      skin[4 * texel + 3] = skin[4 * texel + 3]! * (1 - 0.95 * cover);
    },
  };
}

/** A patch of cork: tan, matte, finely grained, with a frayed edge. */
function russet(random: Random): PatchStyle {
  const tan: Rgb = [
    randomBetween(random, 104, 120),
    randomBetween(random, 84, 96),
    randomBetween(random, 64, 76),
  ];
  const grain = skinNoise('grain', random);
  const mottle = skinNoise('fine', random);
  return {
    elongation: randomBetween(random, 1, 1.5),
    lobes: 0.34,
    fringes: 0.2,
    softness: 0.14,
    haloDepth: 1.1,
    paint: (skin, texel, _depth, cover) => {
      const tone = 1 + 0.3 * grain[texel]! + 0.08 * mottle[texel]!;
      tint(skin, texel, [tan[0] * tone, tan[1] * tone, tan[2] * tone], 0.92 * cover);
      skin[4 * texel + 3] = skin[4 * texel + 3]! * (1 - 0.95 * cover);
    },
  };
}

/** A sting or a rubbed spot: too small to matter, but part of the area. */
function speck(random: Random): PatchStyle {
  const dark: Rgb = randomInt(random, 2) === 0 ? [64, 40, 26] : [120, 84, 50];
  return {
    elongation: 1,
    lobes: 0,
    fringes: 0,
    softness: 0.5,
    haloDepth: 1.4,
    paint: (skin, texel, _depth, cover) => tint(skin, texel, dark, 0.85 * cover),
  };
}

function perpendicular([x, y, z]: Vector, random: Random): Vector {
  const [a, b, c] = randomDirection(random);
  const along = a * x + b * y + c * z;
  const [px, py, pz] = [a - along * x, b - along * y, c - along * z];
  const length = Math.max(Math.hypot(px, py, pz), 1e-6);
  return [px / length, py / length, pz / length];
}
