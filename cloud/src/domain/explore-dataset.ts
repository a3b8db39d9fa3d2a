/** What to look at before one trusts a dataset: figures of its features, its odd and its double images. */
import { type Random, randomInt, seededRandom } from '@pomona/wire';
import type { DatasetImage } from './dataset.ts';
import { differenceHash, hammingDistance } from './difference-hash.ts';

export interface Exploration {
  /** Positions of images that stand furthest from their grade's median, and by what. */
  readonly outliers: readonly { readonly image: number; readonly feature: number; readonly z: number }[];
  /** Pairs of different groups that look nearly the same; `difference` is of 255. */
  readonly duplicates: readonly { readonly a: number; readonly b: number; readonly difference: number }[];
  /** [feature][feature], Pearson. */
  readonly correlation: readonly (readonly number[])[];
  /** What shuffling a feature costs a nearest-neighbour vote in accuracy: mean and extremes of the repeats. */
  readonly importance: readonly { readonly mean: number; readonly low: number; readonly high: number }[];
  /** Of that vote, unshuffled. */
  readonly accuracy: number;
  /** How many images the pairs and the vote looked at. */
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
const neighbours = 5;
const repeats = 5;
const judgedMax = 400;
const knownMax = 1_200;

export function exploreDataset(dataset: Explored): Exploration {
  const stride = Math.ceil(dataset.images.length / lookedMax);
  const looked = dataset.images.flatMap((_, i) => (i % stride === 0 ? [i] : []));
  const columns = Array.from({ length: dataset.features }, (_, f) => columnOf(dataset, f));
  return {
    outliers: outliersOf(dataset, columns),
    duplicates: duplicatesOf(dataset, looked),
    correlation: columns.map((a) => columns.map((b) => pearson(a, b))),
    ...importanceOf(dataset, columns, looked),
    looked: looked.length,
  };
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

/** A vote of the nearest neighbours from the train split on images of the others. */
function importanceOf(
  { images }: Explored,
  columns: readonly (readonly number[])[],
  looked: readonly number[],
): Pick<Exploration, 'importance' | 'accuracy'> {
  const scaled = columns.map(standardised);
  const isTrain = (image: number): boolean => images[image]!.split === 'train';
  const known = thinned(looked.filter(isTrain), knownMax);
  const judged = thinned(
    looked.filter((image) => !isTrain(image)),
    judgedMax,
  );
  const accuracyWith = (shuffled?: {
    readonly feature: number;
    readonly order: readonly number[];
  }): number => {
    let right = 0;
    judged.forEach((image, at) => {
      const point = scaled.map((column, f) =>
        f === shuffled?.feature ? column[judged[shuffled.order[at]!]!]! : column[image]!,
      );
      if (vote(images, scaled, known, point) === images[image]!.grade) right++;
    });
    return judged.length === 0 ? 0 : right / judged.length;
  };
  const accuracy = accuracyWith();
  const random = seededRandom(1, 'importance');
  const importance = columns.map((_, feature) => {
    const losses = Array.from(
      { length: repeats },
      () => accuracy - accuracyWith({ feature, order: permutation(judged.length, random) }),
    );
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / repeats;
    return { mean, low: Math.min(...losses), high: Math.max(...losses) };
  });
  return { importance, accuracy };
}

function vote(
  images: readonly DatasetImage[],
  columns: readonly (readonly number[])[],
  known: readonly number[],
  point: readonly number[],
): string | undefined {
  const best: { distance: number; grade: string }[] = [];
  for (const image of known) {
    let distance = 0;
    for (let f = 0; f < point.length; f++) distance += (columns[f]![image]! - point[f]!) ** 2;
    if (best.length === neighbours && distance >= best[neighbours - 1]!.distance) continue;
    best.push({ distance, grade: images[image]!.grade });
    best.sort((a, b) => a.distance - b.distance);
    best.length = Math.min(best.length, neighbours);
  }
  const counts = new Map<string, number>();
  for (const { grade } of best) counts.set(grade, (counts.get(grade) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}

function thinned(all: readonly number[], countMax: number): number[] {
  const stride = Math.max(1, Math.ceil(all.length / countMax));
  return all.filter((_, i) => i % stride === 0);
}

function permutation(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = randomInt(random, i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function standardised(column: readonly number[]): number[] {
  const mean = column.reduce((sum, x) => sum + x, 0) / column.length;
  const deviation = Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / column.length) || 1;
  return column.map((x) => (x - mean) / deviation);
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
