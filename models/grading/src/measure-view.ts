/** What is measured of a view beside size and mean colour. Runs for every view: plain loops that allocate nothing. */
import { hueBins, hueFrom, hueStep } from '@pomona/wire';
import { cropFill } from './crop-fruit.ts';
import { countHuesOf, shareDefects } from './kernel.ts';
import { residentDoubles } from './kernel-memory.ts';

/** A view's row: pixels by hue, then all pixels of the fruit that were looked at. */
export const hueRow = hueBins + 1;

const hueScale = {
  // No divisor of a crop's side, so that the pixels that are looked at lie all over it; and no multiple of it is within one of a usual side, along whose diagonals they would lie (5 × 13 of 64, 5 × 19 of
  // 96). Some hundred of them, of each view.
  everyPixel: 23,
  /** A darker one has no hue worth a name. */
  brightestMin: 40,
  ...{ from: hueFrom, step: hueStep, bins: hueBins },
};

/** Of every 23rd pixel of a crop, uint8 [size, size, 3] at `offset`, that is not masked out: counts to `out` at `at`. */
export function countHues(
  crops: Uint8Array,
  offset: number,
  size: number,
  out: Uint16Array,
  at: number,
): void {
  countHuesOf(crops, offset, size * size, hueScale, out, at);
}

/** Thousandths of the skin by hue, of the first `count` of `rows` as `countHues` leaves them, each counting alike. Undefined without a pixel. */
export function hueShares(rows: Uint16Array, count: number): number[] | undefined {
  hueSums.fill(0);
  let total = 0;
  for (let v = 0; v < count; v++) {
    const pixels = rows[v * hueRow + hueBins]!;
    if (pixels === 0) continue;
    total++;
    for (let bin = 0; bin < hueBins; bin++) hueSums[bin]! += rows[v * hueRow + bin]! / pixels;
  }
  if (total === 0) return undefined;
  const shares = new Array<number>(hueBins).fill(0);
  for (let bin = 0; bin < hueBins; bin++) shares[bin] = Math.round((1000 * hueSums[bin]!) / total);
  return shares;
}

const hueSums = new Float64Array(hueBins);

/** A cell seen more aslant than this share of its surface is not trusted any further; as the network pools. */
const facingMin = 0.28;

/** Per cell of a defect map, [cells, cells], the skin that it shows; 0 beside the fruit. Their sum is 1. */
export function skinOfCells(cells: number): Float64Array {
  const skin = residentDoubles(cells * cells);
  for (let i = 0; i < skin.length; i++) {
    const y = (2 * (Math.floor(i / cells) + 0.5)) / cells - 1;
    const x = (2 * ((i % cells) + 0.5)) / cells - 1;
    const facing2 = 1 - (x * x + y * y) / cropFill ** 2;
    skin[i] = facing2 <= 0 ? 0 : 1 / Math.sqrt(Math.max(facing2, facingMin ** 2));
  }
  const total = skin.reduce((sum, each) => sum + each, 0);
  for (let i = 0; i < skin.length; i++) skin[i]! /= total;
  return skin;
}

/** Below this a cell shows no defect: a network is never quite sure that there is none, and a whole fruit of that adds up. */
const defectMin = 0.1;

/**
 * The shares of the skin that are defect and rot by a map float32 [cells, cells, 2] at `offset`, which has them for each cell. The same array every
 * time: its first two numbers.
 */
export function skinShares(map: Float32Array, offset: number, skin: Float64Array): ArrayLike<number> {
  return shareDefects(map, offset, skin, defectMin);
}
