/**
 * Draws a fruit as a camera above the line sees it: every pixel's ray is followed to the fruit's surface, whose colour,
 * gloss and normal come from the maps over its sphere, and lit by the line's lamps.
 */
import type { LineGeometry } from '@pomona/grading';
import { type Picture, vignetteAlong } from './conveyor.ts';
import type { Fruit, Stem } from './fruit.ts';
import { curveMax, curveSteps, type LineLight, noiseLength, toByte } from './line-light.ts';
import type { Rotation } from './roll.ts';
import { mapSide, mapStride } from './sphere-map.ts';

/** A fruit at a place of the line's frame, in pixels of the whole frame. */
export interface PlacedFruit {
  readonly fruit: Fruit;
  readonly xPx: number;
  readonly yPx: number;
  readonly radiusPx: number;
  readonly orientation: Rotation;
}

const shadowReach = 1.45;
const shadowSteps = 64;
/** Share of light that is left on the belt, by squared distance from the fruit's middle (last: at the shadow's end). */
const shadowShare = Float32Array.from({ length: shadowSteps }, (_, i) => {
  const distance = Math.sqrt(i / (shadowSteps - 1)) * shadowReach;
  const t = Math.min(1, Math.max(0, (distance - 0.8) / (shadowReach - 0.8)));
  return 0.42 + 0.58 * t * t * (3 - 2 * t);
});

/** Darkens the belt around a fruit. To be drawn for all fruit before the first of them. */
export function drawShadow(picture: Picture, placed: PlacedFruit): void {
  const { data, width } = picture;
  const reach = placed.radiusPx * shadowReach;
  const cx = placed.xPx - picture.left + 0.05 * placed.radiusPx;
  const cy = placed.yPx - picture.top + 0.03 * placed.radiusPx;
  const scale = (shadowSteps - 1) / (reach * reach);
  const { x0, y0, x1, y1 } = bounds(picture, cx, cy, reach);
  for (let y = y0; y < y1; y++) {
    const dy2 = (y + 0.5 - cy) ** 2;
    for (let x = x0; x < x1; x++) {
      const distance = ((x + 0.5 - cx) ** 2 + dy2) * scale;
      if (distance >= shadowSteps - 1) continue;
      const share = shadowShare[distance | 0]!;
      const at = (y * width + x) * 3;
      data[at] = data[at]! * share;
      data[at + 1] = data[at + 1]! * share;
      data[at + 2] = data[at + 2]! * share;
    }
  }
}

/** Draws the fruit with its stem over what is there. */
export function drawFruit(
  picture: Picture,
  geometry: LineGeometry,
  placed: PlacedFruit,
  light: LineLight,
  noise: Int8Array,
  noiseStart: number,
): void {
  const lifted = placed.orientation[8]!;
  // A stem that points away is drawn first, so that the fruit hides what is behind it.
  if (lifted < -0.02) drawStem(picture, placed, light);
  drawBody(picture, geometry, placed, light, noise, noiseStart);
  if (lifted >= -0.02) drawStem(picture, placed, light);
}

function drawBody(
  picture: Picture,
  geometry: LineGeometry,
  placed: PlacedFruit,
  light: LineLight,
  noise: Int8Array,
  noiseStart: number,
): void {
  const { data, width } = picture;
  const { shape, skin } = placed.fruit;
  const { radius, normal } = shape;
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8] = placed.orientation as unknown as Nine;
  const { ambient } = light;
  const [red, green, blue] = light.gain;
  const lampA = light.lamps[0]!;
  const lampB = light.lamps[1]!;
  const barA = light.bars[0]!;
  const barB = light.bars[1]!;
  const cx = placed.xPx - picture.left;
  const cy = placed.yPx - picture.top;
  const size = placed.radiusPx;
  const { x0, y0, x1, y1 } = bounds(picture, cx, cy, size * shape.radiusMax + 1);
  const across = vignetteAlong(light, geometry.frameWidthPx, picture.left + x0, x1 - x0);
  const down = vignetteAlong(light, geometry.frameHeightPx, picture.top + y0, y1 - y0);
  const reach2 = (shape.radiusMax + 1 / size) ** 2;
  const half = mapSide / 2;
  const curveScale = (curveSteps - 1) / curveMax;
  const curveLast = curveSteps - 1;
  for (let py = y0; py < y1; py++) {
    const y = (py + 0.5 - cy) / size;
    const y2 = y * y;
    let z = 0;
    for (let px = x0; px < x1; px++) {
      const x = (px + 0.5 - cx) / size;
      const rho2 = x * x + y2;
      if (rho2 > reach2) continue;
      // Along the ray (x, y, ·) the surface is where the distance from the centre is the form's radius in that direction.
      // The neighbour's depth is a good first guess; two rounds settle it to a fraction of a texel.
      if (z === 0) z = rho2 < 1 ? Math.sqrt(1 - rho2) : 0;
      let bx = 0;
      let by = 0;
      let bz = 0;
      let u = 0;
      let v = 0;
      let r = 1;
      for (let round = 0; round < 3; round++) {
        bx = m0 * x + m3 * y + m6 * z;
        by = m1 * x + m4 * y + m7 * z;
        bz = m2 * x + m5 * y + m8 * z;
        const ax = bx < 0 ? -bx : bx;
        const ay = by < 0 ? -by : by;
        const scale = 1 / (ax + ay + (bz < 0 ? -bz : bz));
        if (bz >= 0) {
          u = bx * scale;
          v = by * scale;
        } else {
          u = bx < 0 ? ay * scale - 1 : 1 - ay * scale;
          v = by < 0 ? ax * scale - 1 : 1 - ax * scale;
        }
        u = (u + 1) * half + 0.5;
        v = (v + 1) * half + 0.5;
        if (round === 2) break;
        r = radius[((v + 0.5) | 0) * mapStride + ((u + 0.5) | 0)]!;
        const z2 = r * r - rho2;
        z = z2 > 0 ? Math.sqrt(z2) : 0;
      }
      let cover = 1;
      if (z < 0.35) {
        cover = (r - Math.sqrt(rho2)) * size + 0.5;
        if (cover <= 0) continue;
        if (cover > 1) cover = 1;
      }
      const nearest = 3 * (((v + 0.5) | 0) * mapStride + ((u + 0.5) | 0));
      const ex = normal[nearest]!;
      const ey = normal[nearest + 1]!;
      const ez = normal[nearest + 2]!;
      const nx = m0 * ex + m1 * ey + m2 * ez;
      const ny = m3 * ex + m4 * ey + m5 * ez;
      const nz = m6 * ex + m7 * ey + m8 * ez;
      const u0 = u | 0;
      const v0 = v | 0;
      const fu = u - u0;
      const fv = v - v0;
      const w11 = fu * fv;
      const w10 = fv - w11;
      const w01 = fu - w11;
      const w00 = 1 - fu - w10;
      const t = 4 * (v0 * mapStride + u0);
      const tb = t + 4 * mapStride;
      const skinR = w00 * skin[t]! + w01 * skin[t + 4]! + w10 * skin[tb]! + w11 * skin[tb + 4]!;
      const skinG = w00 * skin[t + 1]! + w01 * skin[t + 5]! + w10 * skin[tb + 1]! + w11 * skin[tb + 5]!;
      const skinB = w00 * skin[t + 2]! + w01 * skin[t + 6]! + w10 * skin[tb + 2]! + w11 * skin[tb + 6]!;
      const gloss =
        (w00 * skin[t + 3]! + w01 * skin[t + 7]! + w10 * skin[tb + 3]! + w11 * skin[tb + 7]!) / 255;
      const towardsA = nx * lampA.x + ny * lampA.y + nz * lampA.z;
      const towardsB = nx * lampB.x + ny * lampB.y + nz * lampB.z;
      let lit = ambient * (0.6 + 0.4 * nz);
      if (towardsA > 0) lit += lampA.strength * towardsA;
      if (towardsB > 0) lit += lampB.strength * towardsB;
      // Where each lamp is mirrored.
      const mx = 2 * nz * nx;
      const my = 2 * nz * ny;
      let shine = 0;
      // Below half a right angle to the camera a surface mirrors the belt, not the lamps.
      const mirrored = nz > 0.72 ? 1 : nz < 0.6 ? 0 : (nz - 0.6) / 0.12;
      const a = (my - barA.y) / barA.halfWidth;
      const al = (mx - barA.x) / barA.halfLength;
      const qa = a * a + al * al * al * al;
      if (qa < 4)
        shine +=
          barA.strength * (qa < 1 ? (1 - qa) * (1 - qa) * gloss * gloss * 1.6 : 0) +
          0.03 * (4 - qa) * barA.strength;
      const b = (my - barB.y) / barB.halfWidth;
      const bl = (mx - barB.x) / barB.halfLength;
      const qb = b * b + bl * bl * bl * bl;
      if (qb < 4)
        shine +=
          barB.strength * (qb < 1 ? (1 - qb) * (1 - qb) * gloss * gloss * 1.6 : 0) +
          0.03 * (4 - qb) * barB.strength;
      shine *= gloss * mirrored;
      const vignette = across[px - x0]! * down[py - y0]!;
      // Skin is stored with the square root of its share of light.
      const scale = (lit * vignette) / (255 * 255);
      const glare = shine * vignette;
      const n = (noiseStart + 3 * (py * width + px)) & (noiseLength - 4);
      const at = (py * width + px) * 3;
      const iR = (skinR * skinR * scale + glare) * red * curveScale;
      const iG = (skinG * skinG * scale + glare) * green * curveScale;
      const iB = (skinB * skinB * scale + glare) * blue * curveScale;
      let outR = toByte[iR < curveLast ? iR | 0 : curveLast]! + noise[n]!;
      let outG = toByte[iG < curveLast ? iG | 0 : curveLast]! + noise[n + 1]!;
      let outB = toByte[iB < curveLast ? iB | 0 : curveLast]! + noise[n + 2]!;
      if (cover < 1) {
        outR = data[at]! + (outR - data[at]!) * cover;
        outG = data[at + 1]! + (outG - data[at + 1]!) * cover;
        outB = data[at + 2]! + (outB - data[at + 2]!) * cover;
      }
      data[at] = outR < 0 ? 0 : outR > 255 ? 255 : outR;
      data[at + 1] = outG < 0 ? 0 : outG > 255 ? 255 : outG;
      data[at + 2] = outB < 0 ? 0 : outB > 255 ? 255 : outB;
    }
  }
}

type Nine = [number, number, number, number, number, number, number, number, number];

function drawStem(picture: Picture, placed: PlacedFruit, light: LineLight): void {
  const { data, width } = picture;
  const { stem } = placed.fruit;
  const cx = placed.xPx - picture.left;
  const cy = placed.yPx - picture.top;
  const [ax, ay] = project(stem.root, placed);
  const [bx, by] = project(stem.tip, placed);
  const halfWidth = Math.max(1, stem.halfWidth * placed.radiusPx);
  const reach = Math.max(Math.hypot(ax, ay), Math.hypot(bx, by)) + 3;
  const length2 = Math.max((bx - ax) ** 2 + (by - ay) ** 2, 1);
  const { x0, y0, x1, y1 } = bounds(picture, cx, cy, reach);
  const colour = stemBytes(stem, light);
  for (let py = y0; py < y1; py++) {
    for (let px = x0; px < x1; px++) {
      const x = px + 0.5 - cx;
      const y = py + 0.5 - cy;
      const t = Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length2));
      const dx = x - ax - t * (bx - ax);
      const dy = y - ay - t * (by - ay);
      // The tip is thicker, as where it broke from the branch.
      const cover = halfWidth * (0.9 + 0.4 * t * t) + 0.5 - Math.sqrt(dx * dx + dy * dy);
      if (cover <= 0) continue;
      const share = Math.min(1, cover);
      const tone = (0.75 + 0.35 * t) * (1 - (0.25 * (dx + dy)) / halfWidth);
      const at = (py * width + px) * 3;
      for (let c = 0; c < 3; c++) {
        const value = Math.min(255, Math.max(0, colour[c]! * tone));
        data[at + c] = data[at + c]! + (value - data[at + c]!) * share;
      }
    }
  }
}

function stemBytes(stem: Stem, light: LineLight): number[] {
  return stem.colour.map((value, c) => value * light.gain[c]! ** (1 / 2.1));
}

/** A point of the body in pixels from the fruit's middle. */
function project(point: readonly [number, number, number], placed: PlacedFruit): [number, number] {
  const m = placed.orientation;
  const size = placed.radiusPx;
  return [
    size * (m[0]! * point[0] + m[1]! * point[1] + m[2]! * point[2]),
    size * (m[3]! * point[0] + m[4]! * point[1] + m[5]! * point[2]),
  ];
}

function bounds(picture: Picture, cx: number, cy: number, reach: number) {
  return {
    x0: Math.max(0, Math.floor(cx - reach)),
    y0: Math.max(0, Math.floor(cy - reach)),
    x1: Math.min(picture.width, Math.ceil(cx + reach)),
    y1: Math.min(picture.height, Math.ceil(cy + reach)),
  };
}
