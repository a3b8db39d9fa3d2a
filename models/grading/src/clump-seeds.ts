/**
 * Where the fruits of a clump are: the places that are farthest from its edge, as far as a neck lies between them
 * (distance transform, and the maxima from which a watershed would rise).
 */
import type { ClumpCells } from './clump-cells.ts';

/** In cells of the clump, whose first cell covers 0..1. */
export interface Seed {
  readonly x: number;
  readonly y: number;
  /** From there to the clump's edge. */
  readonly radius: number;
}

/** Between two fruits a clump is narrower than this share of the smaller one. */
const neckShare = 0.87;
/** A clump of more, or with more places that could be fruits, shows none. */
const seedsMax = 16;
const candidatesMax = 200;
/** The least radius of what begins at the frame's edge. */
const cutRadiusMin = 2;

const far = 1e4;
const across = 4 / 3;
/** [rows + 2, columns + 2] of the clump that was looked at last. */
let distances = new Float32Array(1024);

/** Those of them that are at least `radiusMin` cells from the clump's edge. */
export function seedsOf(clump: ClumpCells, radiusMin: number): Seed[] {
  const { columns, rows, isCut } = clump;
  measureDistances(clump);
  const candidates: Seed[] = [];
  for (let y = 0; y < rows; y++) {
    for (let x = 0, at = (y + 1) * (columns + 2) + 1; x < columns; x++, at++) {
      const radius = distances[at]!;
      if (radius < cutRadiusMin || !isPeak(at, columns + 2, radius)) continue;
      const isAtCut =
        (isCut.left && x === 0) ||
        (isCut.right && x === columns - 1) ||
        (isCut.top && y === 0) ||
        (isCut.bottom && y === rows - 1);
      if (isAtCut || radius >= radiusMin) insert(candidates, { x: x + 0.5, y: y + 0.5, radius });
      if (candidates.length > candidatesMax) return [];
    }
  }
  const seeds: Seed[] = [];
  for (let i = 0; i < candidates.length; i++) {
    if (!isApart(clump, seeds, candidates[i]!)) continue;
    seeds.push(candidates[i]!);
    if (seeds.length > seedsMax) return [];
  }
  return seeds;
}

/** The largest first, equal ones as they came: the library's sorting copies them. */
function insert(seeds: Seed[], seed: Seed): void {
  let at = seeds.push(seed) - 1;
  for (; at > 0 && seeds[at - 1]!.radius < seed.radius; at--) seeds[at] = seeds[at - 1]!;
  seeds[at] = seed;
}

/** A neck lies between it and each of the others, which are no smaller. */
function isApart(clump: ClumpCells, seeds: readonly Seed[], candidate: Seed): boolean {
  for (let i = 0; i < seeds.length; i++)
    if (narrowest(clump, seeds[i]!, candidate).radius >= neckShare * candidate.radius) return false;
  return true;
}

/** Where the clump is narrowest between two places of it: of several such places the middle. Good after `seedsOf` for the same clump. */
export function narrowest({ columns, rows }: ClumpCells, from: Seed, to: Seed): Seed {
  const steps = Math.max(2, Math.ceil(2 * distanceOf(from, to)));
  let least = Number.POSITIVE_INFINITY;
  let first = 0;
  let last = 0;
  for (let step = 0; step <= steps; step++) {
    const x = Math.min(columns - 1, Math.floor(from.x + ((to.x - from.x) * step) / steps));
    const y = Math.min(rows - 1, Math.floor(from.y + ((to.y - from.y) * step) / steps));
    const radius = distances[(y + 1) * (columns + 2) + x + 1]!;
    if (radius < least) {
      least = radius;
      first = step;
    }
    if (radius === least) last = step;
  }
  const share = (first + last) / 2 / steps;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share, radius: least };
}

/** `Math.hypot` takes far longer, and allocates. */
export function distanceOf(
  a: { readonly x: number; readonly y: number },
  b: { readonly x: number; readonly y: number },
): number {
  return Math.sqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2);
}

/** Nothing beside it within the clump is farther from its edge, and nothing before it as far: of a plateau the first cell is taken. */
function isPeak(at: number, width: number, radius: number): boolean {
  return (
    isNearer(at - 1, radius) &&
    isNearer(at - width, radius) &&
    isNearer(at - width - 1, radius) &&
    isNearer(at - width + 1, radius) &&
    !isFarther(at + 1, radius) &&
    !isFarther(at + width, radius) &&
    !isFarther(at + width - 1, radius) &&
    !isFarther(at + width + 1, radius)
  );
}

function isNearer(at: number, radius: number): boolean {
  return distances[at]! < radius || distances[at] === far;
}

function isFarther(at: number, radius: number): boolean {
  return distances[at]! > radius && distances[at] !== far;
}

/**
 * Of each cell to the nearest one outside, to `distances`: in steps of 1 to the side and 4/3 across (chamfer 3-4; Borgefors, Distance
 * transformations in digital images, 1986), forwards and then back. A ring around the cells says what is beyond them.
 */
function measureDistances({ columns, rows, mask, isCut }: ClumpCells): void {
  const width = columns + 2;
  const size = width * (rows + 2);
  if (distances.length < size) distances = new Float32Array(2 * size);
  for (let y = -1; y <= rows; y++) {
    for (let x = -1; x <= columns; x++) {
      const isOpen =
        (x < 0 && isCut.left) ||
        (x === columns && isCut.right) ||
        (y < 0 && isCut.top) ||
        (y === rows && isCut.bottom);
      distances[(y + 1) * width + x + 1] = isOpen ? far : 0;
    }
  }
  const field = distances;
  for (let y = 0; y < rows; y++) {
    for (let x = 0, at = (y + 1) * width + 1; x < columns; x++, at++) {
      if (mask[y * columns + x] === 0) continue;
      const side = Math.min(field[at - 1]!, field[at - width]!) + 1;
      field[at] = Math.min(side, Math.min(field[at - width - 1]!, field[at - width + 1]!) + across);
    }
  }
  for (let y = rows - 1; y >= 0; y--) {
    for (let x = columns - 1, at = (y + 1) * width + columns; x >= 0; x--, at--) {
      if (field[at] === 0) continue;
      const side = Math.min(field[at + 1]!, field[at + width]!) + 1;
      const corner = Math.min(field[at + width + 1]!, field[at + width - 1]!) + across;
      field[at] = Math.min(field[at]!, Math.min(side, corner));
    }
  }
}
