/**
 * What is found before the belt and looks like no fruit: longer than any apple is, larger or smaller, open in the middle, or flat and green.
 *
 * One picture proves little, as rot as dark as the belt can leave half a fruit or a ring of it: whoever tracks a thing should
 * ask for most of its pictures (ADR 41, with what was measured).
 */
import type { Frame } from './frame.ts';
import type { FruitBlob } from './fruit-blob.ts';
import type { MarkedCells } from './kernel.ts';
import type { LineGeometry } from './line-geometry.ts';
import { unitCircle } from './unit-circle.ts';

const cellPx = 4;
/** Apples are rounder from any side, leaves are not. */
const roundnessMin = 0.7;
/** Times the largest and the smallest fruit of the line. */
const oversize = 1.25;
const undersize = 0.7;
/** A thing that fills its outline less than this is looked at in the middle. */
const filledMin = 0.8;
/** Of the middle, as far as half the radius, a ring shows less than this. */
const middleMin = 0.25;
/** What is less round than this, and yet no leaf by that alone, is looked at for shading. */
const roundEnough = 0.86;
/** A ball darkens towards its rim, or has highlights and spots: what is as bright there as in the middle, within this share, is flat. */
const flatTolerance = 0.06;
const rays = 16;
const middleAt = [0.15, 0.35];
const rimAt = [0.8, 0.9];

/** `cells`: so many of those that are marked in the frame show the thing. */
export function isUnlikeFruit(
  frame: Frame,
  blob: FruitBlob,
  cells: number,
  marked: MarkedCells,
  geometry: LineGeometry,
): boolean {
  const roundness = blob.semiMinorPx / blob.semiMajorPx;
  if (roundness < roundnessMin) return true;
  const lengthMm = 2 * blob.semiMajorPx * geometry.mmPerPx;
  if (lengthMm > oversize * geometry.fruitDiameterMaxMm) return true;
  if (lengthMm < undersize * geometry.fruitDiameterMinMm) return true;
  if (cells * cellPx ** 2 < filledMin * blob.areaPx && isOpen(blob, marked, frame.width)) return true;
  return roundness < roundEnough && isFlatAndGreen(frame, blob);
}

function isOpen({ xPx, yPx, semiMinorPx }: FruitBlob, { bits }: MarkedCells, width: number): boolean {
  const rowBytes = Math.ceil((width >> 2) / 64) * 8;
  const reach = semiMinorPx / 2 / cellPx;
  const middleX = xPx / cellPx;
  const middleY = yPx / cellPx;
  let all = 0;
  let shown = 0;
  for (let y = Math.ceil(middleY - reach); y < middleY + reach; y++) {
    for (let x = Math.ceil(middleX - reach); x < middleX + reach; x++) {
      if ((x + 0.5 - middleX) ** 2 + (y + 0.5 - middleY) ** 2 > reach ** 2) continue;
      all++;
      shown += (bits[y * rowBytes + (x >> 3)]! >> (x & 7)) & 1;
    }
  }
  return shown < middleMin * all;
}

function isFlatAndGreen(frame: Frame, blob: FruitBlob): boolean {
  sumColours(frame, blob, middleAt, middle);
  sumColours(frame, blob, rimAt, rim);
  const isGreen = middle.green > middle.red && rim.green > rim.red;
  return isGreen && Math.abs(lumaOf(rim) / lumaOf(middle) - 1) < flatTolerance;
}

interface Colours {
  red: number;
  green: number;
  blue: number;
}

// There for every fruit anew.
const middle: Colours = { red: 0, green: 0, blue: 0 };
const rim: Colours = { red: 0, green: 0, blue: 0 };

function lumaOf({ red, green, blue }: Colours): number {
  return red + 2 * green + blue;
}

/** Over places at these shares of its radius along its outline's rays. */
function sumColours(
  { data, width, height }: Frame,
  { xPx, yPx, outlinePx }: FruitBlob,
  shares: readonly number[],
  sums: Colours,
): void {
  const { cos, sin } = unitCircle(outlinePx.length);
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let i = 0; i < outlinePx.length; i += outlinePx.length / rays) {
    for (let k = 0; k < shares.length; k++) {
      const away = shares[k]! * outlinePx[i]!;
      const x = Math.floor(xPx + away * cos[i]!);
      const y = Math.floor(yPx + away * sin[i]!);
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      const at = (y * width + x) * 3;
      red += data[at]!;
      green += data[at + 1]!;
      blue += data[at + 2]!;
    }
  }
  sums.red = red;
  sums.green = green;
  sums.blue = blue;
}
