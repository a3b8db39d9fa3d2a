/**
 * Draws a fruit as a camera above the line sees it: every pixel's ray is followed to the fruit's surface, whose colour,
 * gloss and normal come from the maps over its sphere, and lit by the line's lamps.
 */
import type { LineGeometry } from '@pomona/grading';
import { normalUnit, radiusUnit } from './apple-shape.ts';
import { type Picture, vignetteAlong } from './conveyor.ts';
import type { Fruit, Stem } from './fruit.ts';
import {
  curveMax,
  curveSteps,
  type LampBar,
  type LineLight,
  noiseAt,
  noiseLength,
  toByte,
} from './line-light.ts';
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

const mapHalf = mapSide / 2;
/** Where the map's middle is in a stored map, counted from the middle of its first texel. */
const mapCentre = mapHalf + 0.5;
const curveLast = curveSteps - 1;
const mirrorTiltMin = 0.62;
const rimGuess = 0.5;
const shadowReach = 1.45;
const shadowSteps = 64;
/** Share of light that is left on the belt, of 256, by squared distance from the fruit's middle (last: the shadow's end). */
const shadowShare = Uint16Array.from({ length: shadowSteps }, (_, i) => {
  const distance = Math.sqrt(i / (shadowSteps - 1)) * shadowReach;
  const t = Math.min(1, Math.max(0, (distance - 0.8) / (shadowReach - 0.8)));
  return 108 + 148 * t * t * (3 - 2 * t);
});
/** Within this share of its radius a fruit covers its own shadow whatever its form. */
const shadowHidden = 0.72;

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
    const halfWidth = Math.sqrt(Math.max(0, reach * reach - dy2));
    const hidden = Math.sqrt(Math.max(0, (shadowHidden * placed.radiusPx) ** 2 - dy2));
    const end = Math.min(x1, Math.floor(cx + halfWidth));
    for (let x = Math.max(x0, Math.ceil(cx - halfWidth)); x < end; x++) {
      const dx = x + 0.5 - cx;
      if (dx > -hidden && dx < hidden) {
        x = Math.floor(cx + hidden);
        continue;
      }
      const share = shadowShare[((dx * dx + dy2) * scale) | 0]!;
      const at = (y * width + x) * 3;
      data[at] = (data[at]! * share) >> 8;
      data[at + 1] = (data[at + 1]! * share) >> 8;
      data[at + 2] = (data[at + 2]! * share) >> 8;
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
  const { shape } = placed.fruit;
  const { surface } = shape;
  const skin = new Uint32Array(placed.fruit.skin.buffer);
  const [m0, m1, m2, m3, m4, m5, m6, m7, m8] = placed.orientation as unknown as Nine;
  const { ambient } = light;
  const [{ x: ax, y: ay, z: az, strength: as }, { x: bx, y: by, z: bz, strength: bs }] = light.lamps;
  const [barA, barB] = light.bars;
  const cx = placed.xPx - picture.left;
  const cy = placed.yPx - picture.top;
  const size = placed.radiusPx;
  const pitch = 1 / size;
  const { x0, y0, x1, y1 } = bounds(picture, cx, cy, size * shape.radiusMax + 1);
  const across = vignetteAlong(light, geometry.frameWidthPx, picture.left + x0, x1 - x0);
  const down = vignetteAlong(light, geometry.frameHeightPx, picture.top + y0, y1 - y0);
  const reach2 = (shape.radiusMax + 1 / size) ** 2;
  const curveScale = (curveSteps - 1) / curveMax;
  // Skin is stored with the square root of its share of light.
  const red = (light.gain[0] * curveScale) / 255 ** 2;
  const green = (light.gain[1] * curveScale) / 255 ** 2;
  const blue = (light.gain[2] * curveScale) / 255 ** 2;
  for (let py = y0; py < y1; py++) {
    const y = (py + 0.5 - cy) / size;
    const y2 = y * y;
    const rowVignette = down[py - y0]!;
    const noiseRow = noiseAt(noiseStart, 0, py);
    let z = -1;
    for (let px = x0; px < x1; px++) {
      const x = (px + 0.5 - cx) / size;
      const rho2 = x * x + y2;
      if (rho2 > reach2) continue;
      // Along the ray (x, y, ·) the surface is where the distance from the centre is the form's radius in that
      // direction. The last pixel's depth and slope foretell this one's; rounds are needed at edges alone.
      let rounds = 0;
      if (z < 0.3) {
        // From well in front, so that a shoulder is found before the cavity behind it.
        rounds = 4;
        z = rimGuess;
      }
      let u = 0;
      let v = 0;
      let r = 1;
      let texel = 0;
      for (;;) {
        const dx = m0 * x + m3 * y + m6 * z;
        const dy = m1 * x + m4 * y + m7 * z;
        const dz = m2 * x + m5 * y + m8 * z;
        const sx = Math.abs(dx);
        const sy = Math.abs(dy);
        // mapPoint of sphere-map.ts, spelled out for speed.
        const scale = mapHalf / (sx + sy + Math.abs(dz));
        if (dz >= 0) {
          u = mapCentre + dx * scale;
          v = mapCentre + dy * scale;
        } else {
          u = dx < 0 ? mapCentre - mapHalf + sy * scale : mapCentre + mapHalf - sy * scale;
          v = dy < 0 ? mapCentre - mapHalf + sx * scale : mapCentre + mapHalf - sx * scale;
        }
        texel = 4 * (((v + 0.5) | 0) * mapStride + ((u + 0.5) | 0));
        r = surface[texel]! * radiusUnit;
        const z2 = r * r - rho2;
        const found = z2 > 0 ? Math.sqrt(z2) : 0;
        const miss = Math.abs(found - z);
        z = found;
        if (rounds === 0) {
          if (miss < 0.02) break;
          rounds = 4;
        }
        if (--rounds === 0) break;
      }
      let cover = 1;
      if (z < 0.35) {
        cover = (r - Math.sqrt(rho2)) * size + 0.5;
        if (cover <= 0) continue;
        if (cover > 1) cover = 1;
      }
      const ex = surface[texel + 1]!;
      const ey = surface[texel + 2]!;
      const ez = surface[texel + 3]!;
      const nx = (m0 * ex + m1 * ey + m2 * ez) * normalUnit;
      const ny = (m3 * ex + m4 * ey + m5 * ez) * normalUnit;
      const nz = (m6 * ex + m7 * ey + m8 * ez) * normalUnit;
      if (nz > 0.2) z -= (pitch * nx) / nz;
      // Four texels blended in weights of 1/256, two channels in one multiplication.
      const u0 = u | 0;
      const v0 = v | 0;
      const fu = ((u - u0) * 16) | 0;
      const fv = ((v - v0) * 16) | 0;
      const w11 = fu * fv;
      const w10 = fv * 16 - w11;
      const w01 = fu * 16 - w11;
      const w00 = 256 - w11 - w10 - w01;
      const t = v0 * mapStride + u0;
      const t00 = skin[t]! | 0;
      const t01 = skin[t + 1]! | 0;
      const t10 = skin[t + mapStride]! | 0;
      const t11 = skin[t + mapStride + 1]! | 0;
      const redBlue =
        Math.imul(t00 & 0xff00ff, w00) +
        Math.imul(t01 & 0xff00ff, w01) +
        Math.imul(t10 & 0xff00ff, w10) +
        Math.imul(t11 & 0xff00ff, w11);
      const greenGloss =
        Math.imul((t00 >>> 8) & 0xff00ff, w00) +
        Math.imul((t01 >>> 8) & 0xff00ff, w01) +
        Math.imul((t10 >>> 8) & 0xff00ff, w10) +
        Math.imul((t11 >>> 8) & 0xff00ff, w11);
      const skinR = (redBlue & 0xffff) / 256;
      const skinB = (redBlue >>> 16) / 256;
      const skinG = (greenGloss & 0xffff) / 256;
      const gloss = (greenGloss >>> 16) / 65280;
      const towardsA = nx * ax + ny * ay + nz * az;
      const towardsB = nx * bx + ny * by + nz * bz;
      let lit = ambient * (0.85 + 0.15 * nz);
      if (towardsA > 0) lit += as * towardsA;
      if (towardsB > 0) lit += bs * towardsB;
      let shine = 0;
      // A surface that leans further mirrors the belt, not the lamps.
      if (nz > mirrorTiltMin) {
        const mx = 2 * nz * nx;
        const my = 2 * nz * ny;
        shine = gloss * (mirrored(barA, mx, my, gloss) + mirrored(barB, mx, my, gloss));
      }
      const vignette = across[px - x0]! * rowVignette;
      lit *= vignette;
      const glare = shine * vignette * 255 ** 2;
      const n = (noiseRow + 4 * px) & (noiseLength - 4);
      const at = (py * width + px) * 3;
      const iR = (skinR * skinR * lit + glare) * red;
      const iG = (skinG * skinG * lit + glare) * green;
      const iB = (skinB * skinB * lit + glare) * blue;
      let outR = toByte[iR < curveLast ? iR | 0 : curveLast]! + noise[n]!;
      let outG = toByte[iG < curveLast ? iG | 0 : curveLast]! + noise[n + 1]!;
      let outB = toByte[iB < curveLast ? iB | 0 : curveLast]! + noise[n + 2]!;
      if (cover < 1) {
        outR = data[at]! + (outR - data[at]!) * cover;
        outG = data[at + 1]! + (outG - data[at + 1]!) * cover;
        outB = data[at + 2]! + (outB - data[at + 2]!) * cover;
      }
      data[at] = Math.min(255, Math.max(0, outR));
      data[at + 1] = Math.min(255, Math.max(0, outG));
      data[at + 2] = Math.min(255, Math.max(0, outB));
    }
  }
}

/** How bright a lamp is mirrored in this direction: a sharp image as far as the skin is glossy, in a wide faint sheen. */
function mirrored(bar: LampBar, mx: number, my: number, gloss: number): number {
  const off = (my - bar.y) / bar.halfWidth;
  const along = (mx - bar.x) / bar.halfLength;
  const along2 = along * along;
  const distance = off * off + along2 * along2;
  if (distance >= 5) return 0;
  const sheen = 0.022 * (5 - distance);
  if (distance >= 1) return sheen * bar.strength;
  const image = (1 - distance) * gloss;
  return (sheen + 1.5 * image * image) * bar.strength;
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
  const reach = Math.max(Math.abs(bx - ax), Math.abs(by - ay)) / 2 + 2 * halfWidth + 1;
  const length2 = Math.max((bx - ax) ** 2 + (by - ay) ** 2, 1);
  const { x0, y0, x1, y1 } = bounds(picture, cx + (ax + bx) / 2, cy + (ay + by) / 2, reach);
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
