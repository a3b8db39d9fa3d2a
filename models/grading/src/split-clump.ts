/**
 * Parts a component of marked cells that is no single fruit's into fruits. Their places come from the cells
 * (`clump-seeds.ts`), and a straight cut lies between two that are neighbours: at first at the neck, then, once an ellipse
 * was fitted to the free part of each one's edge, in the middle between the ellipses.
 */
import { type CellBounds, type ClumpCells, cellsOf } from './clump-cells.ts';
import { distanceOf, narrowest, type Seed, seedsOf } from './clump-seeds.ts';
import { type Ellipse, emptyEllipse, fitEllipse, radiusTowards } from './fit-ellipse.ts';
import { castRaysWithin, type MarkedCells } from './kernel.ts';
import { unitCircle } from './unit-circle.ts';

const cellPx = 4;
/** Rays begin so far outside of the cells that show fruit. */
const marginPx = cellPx + 1;
const rays = 64;
/** A cut moves no farther from the neck than this. */
const cutShiftMaxPx = 2 * cellPx;
/** A ray that comes so near to its limit found the neighbour, or the neck. */
const limitSlackPx = 2;
/** The least fruit may look so much smaller in a clump, where rot as dark as the belt may have its share of it. */
const seedShare = 0.55;

/** A line between two fruits: what lies beyond, in direction (`towardsX`, `towardsY`) of length 1, is the neighbour's. Pixels. */
export interface Cut {
  xPx: number;
  yPx: number;
  towardsX: number;
  towardsY: number;
}

export interface ClumpPart extends CellBounds {
  readonly cuts: readonly Cut[];
}

/** The fruits of a component; none when it is one fruit, or no fruit that is known. */
export function splitClump(
  component: CellBounds,
  marked: MarkedCells,
  grid: { readonly columns: number; readonly rows: number },
  radiusMinPx: number,
): ClumpPart[] {
  const clump = cellsOf(component, marked, grid);
  if (clump === undefined) return [];
  const seeds = seedsOf(clump, (radiusMinPx * seedShare) / cellPx);
  if (seeds.length < 2) return [];
  const borders = bordersOf(clump, seeds);
  const parts = partsOf(clump, seeds, borders);
  moveCuts(parts, borders);
  return parts.filter((part) => part.cells > 0);
}

/** Distance from (`xPx`, `yPx`) to the nearest cut along each ray, to `out`; infinite where there is none. */
export function limitRays(xPx: number, yPx: number, cuts: readonly Cut[], out: Float32Array): Float32Array {
  const { cos, sin } = unitCircle(out.length);
  out.fill(Number.POSITIVE_INFINITY);
  for (let k = 0; k < cuts.length; k++) {
    const cut = cuts[k]!;
    const away = (cut.xPx - xPx) * cut.towardsX + (cut.yPx - yPx) * cut.towardsY;
    for (let i = 0; i < out.length; i++) {
      const towards = cos[i]! * cut.towardsX + sin[i]! * cut.towardsY;
      if (towards > 1e-6) out[i] = Math.min(out[i]!, Math.max(1, away / towards));
    }
  }
  return out;
}

/** Rays that end at their limit found no edge: NaN. In place. */
export function forgetLimited(radii: Float32Array, limits: Float32Array): Float32Array {
  for (let i = 0; i < radii.length; i++) if (radii[i]! > limits[i]! - limitSlackPx) radii[i] = Number.NaN;
  return radii;
}

interface Part extends ClumpPart {
  left: number;
  top: number;
  right: number;
  bottom: number;
  cells: number;
  readonly cuts: Cut[];
  touchesEdge: boolean;
}

/** A neck between the seeds `a` and `b`: where it was first, and the cut that each has there. */
interface Border {
  readonly a: number;
  readonly b: number;
  readonly neckX: number;
  readonly neckY: number;
  readonly ofA: Cut;
  readonly ofB: Cut;
}

/** One between every two seeds that are neighbours. */
function bordersOf(clump: ClumpCells, seeds: readonly Seed[]): Border[] {
  const borders: Border[] = [];
  for (let a = 0; a < seeds.length; a++) {
    for (let b = a + 1; b < seeds.length; b++) {
      if (!areNeighbours(seeds, a, b)) continue;
      const from = seeds[a]!;
      const to = seeds[b]!;
      const length = distanceOf(from, to);
      const neck = narrowest(clump, from, to);
      const neckX = (clump.left + neck.x) * cellPx;
      const neckY = (clump.top + neck.y) * cellPx;
      const towardsX = (to.x - from.x) / length;
      const towardsY = (to.y - from.y) / length;
      const ofA = { xPx: neckX, yPx: neckY, towardsX, towardsY };
      const ofB = { xPx: neckX, yPx: neckY, towardsX: -towardsX, towardsY: -towardsY };
      borders.push({ a, b, neckX, neckY, ofA, ofB });
    }
  }
  return borders;
}

/** No third is within the circle around both (Gabriel and Sokal, 1969). */
function areNeighbours(seeds: readonly Seed[], a: number, b: number): boolean {
  const from = seeds[a]!;
  const to = seeds[b]!;
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const radius = distanceOf(from, to) / 2;
  for (let i = 0; i < seeds.length; i++)
    if (i !== a && i !== b && distanceOf(seeds[i]!, middle) < radius) return false;
  return true;
}

/** Each cell is of the nearest seed, or of that seed's neighbour when it lies beyond the cut between them. */
function partsOf(clump: ClumpCells, seeds: readonly Seed[], borders: readonly Border[]): Part[] {
  const { left, top, columns, rows, mask, isCut } = clump;
  const parts: Part[] = [];
  for (let i = 0; i < seeds.length; i++) {
    const cuts: Cut[] = [];
    for (let k = 0; k < borders.length; k++) {
      const { a, b, ofA, ofB } = borders[k]!;
      if (a === i) cuts.push(ofA);
      else if (b === i) cuts.push(ofB);
    }
    parts.push({ left: columns, top: rows, right: -1, bottom: -1, cells: 0, cuts, touchesEdge: false });
  }
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      if (mask[y * columns + x] === 0) continue;
      // A run of cells with the same owner is as good as its ends.
      const owner = ownerOf(x, y, clump, seeds, borders);
      const from = x;
      let marked = 0;
      for (; x < columns && mask[y * columns + x] !== 0; x++) {
        if (ownerOf(x, y, clump, seeds, borders) !== owner) break;
        if (mask[y * columns + x] === 1) marked++;
      }
      x--;
      const part = parts[owner]!;
      part.left = Math.min(part.left, from);
      part.right = Math.max(part.right, x);
      part.top = Math.min(part.top, y);
      part.bottom = y;
      part.cells += marked;
    }
  }
  for (const part of parts) {
    part.touchesEdge =
      (isCut.left && part.left === 0) ||
      (isCut.top && part.top === 0) ||
      (isCut.right && part.right === columns - 1) ||
      (isCut.bottom && part.bottom === rows - 1);
    part.left += left;
    part.right += left;
    part.top += top;
    part.bottom += top;
  }
  return parts;
}

function ownerOf(
  x: number,
  y: number,
  { left, top }: ClumpCells,
  seeds: readonly Seed[],
  borders: readonly Border[],
): number {
  let nearest = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < seeds.length; i++) {
    const alongX = seeds[i]!.x - x - 0.5;
    const alongY = seeds[i]!.y - y - 0.5;
    const away = alongX * alongX + alongY * alongY;
    if (away >= least) continue;
    least = away;
    nearest = i;
  }
  const xPx = (left + x + 0.5) * cellPx;
  const yPx = (top + y + 0.5) * cellPx;
  for (let i = 0; i < borders.length; i++) {
    const { a, b, ofA } = borders[i]!;
    const isBeyond = (xPx - ofA.xPx) * ofA.towardsX + (yPx - ofA.yPx) * ofA.towardsY > 0;
    if (a === nearest && isBeyond) return b;
    if (b === nearest && !isBeyond) return a;
  }
  return nearest;
}

const limits = new Float32Array(rays);

const rayBox = { x: 0.5, y: 0.5, reachX: 0.5, reachY: 0.5 };

/** Fits an ellipse to the free edge of each part, and puts the cuts between them. */
function moveCuts(parts: readonly Part[], borders: readonly Border[]): void {
  const ellipses = parts.map(fitPart);
  for (let k = 0; k < borders.length; k++) {
    const { a, b, neckX, neckY, ofA, ofB } = borders[k]!;
    const from = ellipses[a];
    const to = ellipses[b];
    let { towardsX, towardsY } = ofA;
    if (from !== undefined && to !== undefined) {
      const length = distanceOf(from, to);
      towardsX = (to.x - from.x) / length;
      towardsY = (to.y - from.y) / length;
    }
    // Between where both end; what the frame cuts off does not tell where it does.
    let xPx = 0;
    let yPx = 0;
    if (from !== undefined) {
      const radius = radiusTowards(from, towardsX, towardsY);
      xPx += from.x + radius * towardsX;
      yPx += from.y + radius * towardsY;
    }
    if (to !== undefined) {
      const radius = radiusTowards(to, -towardsX, -towardsY);
      xPx += to.x - radius * towardsX;
      yPx += to.y - radius * towardsY;
    }
    const ends = Number(from !== undefined) + Number(to !== undefined);
    xPx /= ends;
    yPx /= ends;
    // Also what is no number is not near.
    if (!(Math.abs((xPx - neckX) * towardsX + (yPx - neckY) * towardsY) <= cutShiftMaxPx)) continue;
    moveCut(ofA, xPx, yPx, towardsX, towardsY);
    moveCut(ofB, xPx, yPx, -towardsX, -towardsY);
  }
}

function moveCut(cut: Cut, xPx: number, yPx: number, towardsX: number, towardsY: number): void {
  cut.xPx = xPx;
  cut.yPx = yPx;
  cut.towardsX = towardsX;
  cut.towardsY = towardsY;
}

/** In pixels of the frame. */
function fitPart(part: Part): Ellipse | undefined {
  if (part.touchesEdge || part.cells === 0) return undefined;
  rayBox.x = ((part.left + part.right + 1) * cellPx) / 2;
  rayBox.y = ((part.top + part.bottom + 1) * cellPx) / 2;
  rayBox.reachX = ((part.right - part.left + 1) * cellPx) / 2 + marginPx;
  rayBox.reachY = ((part.bottom - part.top + 1) * cellPx) / 2 + marginPx;
  limitRays(rayBox.x, rayBox.y, part.cuts, limits);
  const found = fitEllipse(forgetLimited(castRaysWithin(rayBox, limits), limits), emptyEllipse());
  if (found === undefined) return undefined;
  found.x += rayBox.x;
  found.y += rayBox.y;
  return found;
}
