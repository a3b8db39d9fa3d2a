/**
 * Photographs that show all but the same picture of a fruit: a copy saved anew or made smaller, or the next frame of a burst.
 * Apples are round on black and lit from above, so a hash of coarse light and shade only nominates; what decides is the detail
 * of the skin, which no two fruits share. Where a skin has none to see, nothing is claimed.
 */
import type { ImageLimits } from '@pomona/wire';
import { type DifferenceHash, differenceHash, hammingDistance } from './difference-hash.ts';
import { DisjointSets } from './disjoint-sets.ts';

const side = 32;
/** Half the window whose mean is coarse; what is left is detail. */
const reach = 2;
/** The outline is found anew in each picture, and may lie a cell beside. */
const shifts = [-1, 0, 1];
const alikeMin = 0.3;
/** Root mean square of luma: 99 in 100 photographs have 4 or more; a plain disc with a soft light has 2. */
const detailMin = 2.5;

export interface Look {
  readonly hash: DifferenceHash;
  /**
   * float32 [32, 32]: luma less the mean around it, brought to the length 1; 0 outside the fruit and at its edge, and
   * everywhere where there is too little to tell.
   */
  readonly detail: Float32Array;
}

export interface Twins {
  /** Pairs that connect all that are near duplicates, directly or by way of others; not every pair of them. */
  readonly links: readonly (readonly [number, number])[];
  /** Near duplicates of different grades: of each image that has one, a pair. */
  readonly conflicts: readonly (readonly [number, number])[];
}

/** `cutOut` uint8 [size, size, 3], black outside the fruit. In less than 32 × 32, cells share pixels. */
export function lookOf(cutOut: Uint8Array, size: number): Look {
  const luma = new Float32Array(side * side);
  const edge = (cell: number) => Math.floor((cell * size) / side);
  const endOf = (cell: number) => Math.max(edge(cell) + 1, edge(cell + 1));
  for (let cell = 0; cell < luma.length; cell++) {
    const [row, column] = [Math.floor(cell / side), cell % side];
    let sum = 0;
    let pixels = 0;
    for (let y = edge(row); y < endOf(row); y++) {
      for (let x = edge(column); x < endOf(column); x++) {
        const at = (y * size + x) * 3;
        const value = 77 * cutOut[at]! + 150 * cutOut[at + 1]! + 29 * cutOut[at + 2]!;
        sum += value === 0 ? Number.NaN : value / 256;
        pixels++;
      }
    }
    luma[cell] = sum / pixels;
  }
  return { hash: differenceHash(cutOut, size), detail: detailOf(luma) };
}

function detailOf(luma: Float32Array): Float32Array {
  const detail = new Float32Array(luma.length);
  let count = 0;
  let squares = 0;
  for (let y = reach; y < side - reach; y++) {
    for (let x = reach; x < side - reach; x++) {
      let sum = 0;
      for (let dy = -reach; dy <= reach; dy++)
        for (let dx = -reach; dx <= reach; dx++) sum += luma[(y + dy) * side + x + dx]!;
      if (Number.isNaN(sum)) continue;
      const value = luma[y * side + x]! - sum / (2 * reach + 1) ** 2;
      detail[y * side + x] = value;
      count++;
      squares += value * value;
    }
  }
  if (squares < count * detailMin ** 2) return detail.fill(0);
  const length = Math.sqrt(squares) || 1;
  return detail.map((value) => value / length);
}

/** Of their detail, −1 to 1, where they fit each other best. */
export function correlationOf(a: Look, b: Look): number {
  const inPlace = correlationAt(a.detail, b.detail, 0);
  // What is the same a cell beside is a little alike in place.
  if (inPlace < alikeMin) return inPlace;
  let best = inPlace;
  for (const dy of shifts)
    for (const dx of shifts) best = Math.max(best, correlationAt(a.detail, b.detail, dy * side + dx));
  return best;
}

function correlationAt(a: Float32Array, b: Float32Array, shift: number): number {
  let sum = 0;
  const end = Math.min(a.length, a.length - shift);
  for (let at = Math.max(0, -shift); at < end; at++) sum += a[at]! * b[at + shift]!;
  return sum;
}

/** Whoever compares many gives others a turn now and then. */
export type Breathe = () => Promise<void>;

/** So many images, or 64 times as many pairs, are between two breaths: some milliseconds. */
export const imagesPerBreath = 64;

export interface TwinSearch {
  readonly breathe: Breathe;
  /** Only pairs with an image from this position on are compared; all are unless given. */
  readonly from?: number;
}

/** Time grows with the images times those that share a band of their hash; room with the images. */
export async function findTwins(
  images: readonly (Look & { readonly grade: string })[],
  { maxTwinBits, minTwinCorrelation }: Pick<Required<ImageLimits>, 'maxTwinBits' | 'minTwinCorrelation'>,
  { breathe, from = 0 }: TwinSearch,
): Promise<Twins> {
  const sets = new DisjointSets(images.length);
  const links: (readonly [number, number])[] = [];
  const conflicts: (readonly [number, number])[] = [];
  const inConflict = new Set<number>();
  const look = (a: number, b: number): void => {
    const [one, other] = [images[a]!, images[b]!];
    const isRival = one.grade !== other.grade && !(inConflict.has(a) && inConflict.has(b));
    if (!isRival && sets.rootOf(a) === sets.rootOf(b)) return;
    if (hammingDistance(one.hash, other.hash) > maxTwinBits) return;
    if (correlationOf(one, other) < minTwinCorrelation) return;
    if (sets.join(a, b)) links.push([a, b]);
    if (!isRival) return;
    conflicts.push([a, b]);
    inConflict.add(a).add(b);
  };
  // Two words that differ in so few bits are the same in one band at least, if there is one band more than bits.
  const bands = maxTwinBits + 1;
  const keys = images.map(({ hash }) =>
    Array.from({ length: bands }, (_, band) => bandOf(hash, band, bands)),
  );
  let work = 0;
  for (let band = 0; band < bands; band++) {
    const buckets = new Map<number, number[]>();
    for (let at = 0; at < images.length; at++) {
      const key = keys[at]![band]!;
      const bucket = buckets.get(key) ?? [];
      const before = at < from ? [] : bucket;
      for (const other of before) {
        const first = keys[at]!.findIndex((each, i) => each === keys[other]![i]);
        if (first === band) look(other, at);
      }
      bucket.push(at);
      buckets.set(key, bucket);
      work += 1 + before.length / imagesPerBreath;
      if (work < imagesPerBreath) continue;
      work = 0;
      await breathe();
    }
  }
  return { links, conflicts };
}

function bandOf([low, high]: DifferenceHash, band: number, bands: number): number {
  let bits = 0;
  for (let bit = Math.floor((64 * band) / bands); bit < Math.floor((64 * (band + 1)) / bands); bit++)
    bits = bits * 2 + (((bit < 32 ? low : high) >>> (bit & 31)) & 1);
  return bits;
}
