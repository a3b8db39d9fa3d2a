/** What to look at before one trusts a dataset: figures of its features, its odd and its double images. */
import type { DatasetImage } from './dataset.ts';
import { differenceHash, hammingDistance } from './difference-hash.ts';
import { type PermutationImportance, permutationImportance, standardised } from './permutation-importance.ts';

export interface Exploration {
  /** Positions of images that stand furthest from their grade's median, and by what. */
  readonly outliers: readonly { readonly image: number; readonly feature: number; readonly z: number }[];
  /** Pairs of different groups that look nearly the same; `difference` is of 255. */
  readonly duplicates: readonly { readonly a: number; readonly b: number; readonly difference: number }[];
  /** [feature][feature], Pearson. */
  readonly correlation: readonly (readonly number[])[];
  readonly importance: PermutationImportance;
  /** How many images the pairs and the vote were chosen from. */
  readonly looked: number;
}

export interface Explored {
  readonly images: readonly DatasetImage[];
  /** uint8 [images, size, size, 3]. */
  readonly crops: Uint8Array;
  readonly size: number;
  /** float32 [images, features]. */
  readonly rows: Float32Array;
  readonly features: number;
}

const lookedMax = 3_000;
const outliersMax = 12;
const outlierZ = 5;
const duplicatesMax = 12;
const duplicateBits = 4;
/** All apples are round on black: the hash only nominates, and this decides. Of 255, over all channels of all pixels. */
const duplicateDifference = 10;

export function exploreDataset(dataset: Explored): Exploration {
  const looked = lookedAt(dataset.images.length);
  const columns = Array.from({ length: dataset.features }, (_, f) => columnOf(dataset, f));
  return {
    outliers: outliersOf(dataset, columns),
    duplicates: duplicatesOf(dataset, looked),
    correlation: columns.map((a) => columns.map((b) => pearson(a, b))),
    importance: permutationImportance(dataset.images, columns, looked),
    looked: looked.length,
  };
}

/** Positions of images spread over the version, few enough to compare each with each. */
export function lookedAt(images: number): number[] {
  const stride = Math.ceil(images / lookedMax);
  return Array.from({ length: images }, (_, i) => i).filter((i) => i % stride === 0);
}

export function columnOf({ rows, features }: Pick<Explored, 'rows' | 'features'>, feature: number): number[] {
  return Array.from({ length: rows.length / features }, (_, i) => rows[i * features + feature]!);
}

/** |x − median| / (1.4826 × median deviation), within the image's grade: a few odd ones do not hide each other. */
function outliersOf({ images }: Explored, columns: readonly (readonly number[])[]): Exploration['outliers'] {
  const worst = new Map<number, { image: number; feature: number; z: number }>();
  const grades = new Set(images.map(({ grade }) => grade));
  columns.forEach((column, feature) => {
    for (const grade of grades) {
      const members = images.flatMap((image, i) => (image.grade === grade ? [i] : []));
      const middle = median(members.map((i) => column[i]!));
      const spread = 1.4826 * median(members.map((i) => Math.abs(column[i]! - middle)));
      if (spread === 0) continue;
      for (const image of members) {
        const z = (column[image]! - middle) / spread;
        if (Math.abs(z) >= outlierZ && Math.abs(z) > Math.abs(worst.get(image)?.z ?? 0))
          worst.set(image, { image, feature, z });
      }
    }
  });
  return [...worst.values()].sort((a, b) => Math.abs(b.z) - Math.abs(a.z)).slice(0, outliersMax);
}

function duplicatesOf(
  { images, crops, size }: Explored,
  looked: readonly number[],
): Exploration['duplicates'] {
  const hashes = looked.map((image) => differenceHash(crops, size, image));
  const pairs: { a: number; b: number; difference: number }[] = [];
  for (let i = 0; i < looked.length; i++) {
    for (let j = i + 1; j < looked.length; j++) {
      const bits = hammingDistance(hashes[i]!, hashes[j]!);
      if (bits > duplicateBits || images[looked[i]!]!.group === images[looked[j]!]!.group) continue;
      const difference = differenceOf(crops, size, looked[i]!, looked[j]!);
      if (difference <= duplicateDifference) pairs.push({ a: looked[i]!, b: looked[j]!, difference });
    }
  }
  const weight = ({ a, b }: { a: number; b: number }): number =>
    Number(images[a]!.grade !== images[b]!.grade) * 2 + Number(images[a]!.split !== images[b]!.split);
  return pairs.sort((x, y) => weight(y) - weight(x) || x.difference - y.difference).slice(0, duplicatesMax);
}

/** Mean absolute difference of two images' channels. */
function differenceOf(crops: Uint8Array, size: number, a: number, b: number): number {
  const bytes = size * size * 3;
  let sum = 0;
  for (let i = 0; i < bytes; i++) sum += Math.abs(crops[a * bytes + i]! - crops[b * bytes + i]!);
  return sum / bytes;
}

function pearson(a: readonly number[], b: readonly number[]): number {
  const x = standardised(a);
  const y = standardised(b);
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0) / x.length;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
