/** What to look at before one trusts a dataset: figures of its features, its odd and its double images. */
import type { ImageLimits } from '@pomona/wire';
import type { DatasetImage } from './dataset.ts';
import { type PermutationImportance, permutationImportance, standardised } from './permutation-importance.ts';
import { type NearDuplicate, nearDuplicates } from './report-duplicates.ts';

export interface Exploration {
  /** Positions of images that stand furthest from their grade's median, and by what. */
  readonly outliers: readonly { readonly image: number; readonly feature: number; readonly z: number }[];
  /** Pairs of different groups that show all but the same. */
  readonly duplicates: readonly NearDuplicate[];
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
  /** By which the version was verified; the usual ones unless it says so. */
  readonly limits?: ImageLimits | undefined;
  /** float32 [images, features]. */
  readonly rows: Float32Array;
  readonly features: number;
}

const lookedMax = 3_000;
const outliersMax = 12;
const outlierZ = 5;

export function exploreDataset(dataset: Explored): Exploration {
  const looked = lookedAt(dataset.images.length);
  const columns = Array.from({ length: dataset.features }, (_, f) => columnOf(dataset, f));
  return {
    outliers: outliersOf(dataset, columns),
    duplicates: nearDuplicates(dataset, looked),
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

/** |x − median| / spread, within the image's grade: a few odd ones do not hide each other. */
function outliersOf({ images }: Explored, columns: readonly (readonly number[])[]): Exploration['outliers'] {
  const worst = new Map<number, { image: number; feature: number; z: number }>();
  const grades = new Set(images.map(({ grade }) => grade));
  columns.forEach((column, feature) => {
    for (const grade of grades) {
      const members = images.flatMap((image, i) => (image.grade === grade ? [i] : []));
      const middle = median(members.map((i) => column[i]!));
      const spread = spreadOf(
        members.map((i) => column[i]!),
        middle,
      );
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

/**
 * What would be the standard deviation if it were normal, by the median deviation, or by the middle eight tenths where that is
 * wider: of a share that is nothing in more than half of the images the former is all but nothing, and each of the others
 * would stand hundreds of deviations away.
 */
function spreadOf(values: readonly number[], middle: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
  return Math.max(1.4826 * median(values.map((x) => Math.abs(x - middle))), (at(0.9) - at(0.1)) / 2.5631);
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
