/**
 * Permutation importance (Breiman 2001): what shuffling a feature between images costs a vote of nearest neighbours from the
 * train split in accuracy on the others. Shuffles are repeated, and images of a group are alike, so the interval is drawn over both.
 */
import { type Random, randomInt, seededRandom, shuffled } from '@pomona/wire';
import type { DatasetImage } from './dataset.ts';

export interface PermutationImportance {
  /** Of the vote with every feature as it is. */
  readonly accuracy: number;
  /** Images that vote and that are voted on, and the groups of the latter. */
  readonly known: number;
  readonly judged: number;
  readonly groups: number;
  /** What the interval is drawn over beside the shuffles; with few groups single images, and then it says nothing of new groups. */
  readonly drawnBy: 'group' | 'image';
  readonly repeats: number;
  /** In the order of the columns; none where nothing can be judged. */
  readonly features: readonly FeatureLoss[];
}

export interface FeatureLoss {
  /** Accuracy lost, over the repeats. */
  readonly mean: number;
  /** Of 95 %. */
  readonly low: number;
  readonly high: number;
  /** Whether it is near zero for sure, a point at most by the upper end of the interval and of enough images: a candidate to drop. */
  readonly isIdle: boolean;
}

const neighbours = 5;
const repeats = 20;
const resamples = 1_000;
const tail = 0.025;
const groupsMin = 10;
const judgedMax = 400;
/** That an interval reaches zero says only that little is known; so much is lost at most by what may be dropped. */
const idleMax = 0.01;
/** Below this one image is more than that. */
export const judgedMin = 100;
const knownMax = 1_200;

/** `columns` [feature][image]; `looked` are the positions of the images to take. */
export function permutationImportance(
  images: readonly DatasetImage[],
  columns: readonly (readonly number[])[],
  looked: readonly number[],
): PermutationImportance {
  const known = thinned(
    looked.filter((image) => images[image]!.split === 'train'),
    knownMax,
  );
  const judged = thinned(
    looked.filter((image) => images[image]!.split !== 'train'),
    judgedMax,
  );
  const { groups, drawnBy, members } = unitsOf(images, judged);
  const size = { known: known.length, judged: judged.length, groups, drawnBy, repeats };
  if (known.length === 0 || judged.length === 0) return { accuracy: 0, ...size, features: [] };
  const voting = new Voting(images, columns.map(standardised), known, judged);
  const before = voting.right();
  const random = seededRandom(1, 'importance');
  const inPlace = [...judged.keys()];
  const features = columns.map((_, feature) => {
    const lost = Array.from({ length: repeats }, () => {
      const after = voting.right(feature, shuffled(inPlace, random));
      return before.map((right, at) => right - after[at]!);
    });
    return lossOf(lost, members, random);
  });
  return { accuracy: sumOf(before) / judged.length, ...size, features };
}

/** Votes with one feature shuffled: the distances without it are computed once. */
class Voting {
  readonly #columns: readonly (readonly number[])[];
  readonly #known: readonly number[];
  readonly #judged: readonly number[];
  readonly #knownGrades: readonly string[];
  readonly #judgedGrades: readonly string[];
  /** Squared, [judged][known]. */
  readonly #distances: Float64Array;

  constructor(
    images: readonly DatasetImage[],
    columns: readonly (readonly number[])[],
    known: readonly number[],
    judged: readonly number[],
  ) {
    this.#columns = columns;
    this.#known = known;
    this.#judged = judged;
    this.#knownGrades = known.map((image) => images[image]!.grade);
    this.#judgedGrades = judged.map((image) => images[image]!.grade);
    this.#distances = new Float64Array(judged.length * known.length);
    for (const column of columns)
      judged.forEach((image, at) => {
        for (let k = 0; k < known.length; k++)
          this.#distances[at * known.length + k]! += (column[known[k]!]! - column[image]!) ** 2;
      });
  }

  /** 1 for every judged image whose grade the vote finds, else 0. `order` says whose value of the feature each gets. */
  right(feature?: number, order: readonly number[] = []): number[] {
    const column = feature === undefined ? undefined : this.#columns[feature]!;
    return this.#judged.map((image, at) => {
      const change = column && { column, from: column[image]!, to: column[this.#judged[order[at]!]!]! };
      return this.#vote(at, change) === this.#judgedGrades[at] ? 1 : 0;
    });
  }

  #vote(
    at: number,
    change: { readonly column: readonly number[]; readonly from: number; readonly to: number } | undefined,
  ): string | undefined {
    const best: { distance: number; grade: string }[] = [];
    const count = this.#known.length;
    for (let k = 0; k < count; k++) {
      let distance = this.#distances[at * count + k]!;
      if (change) {
        const value = change.column[this.#known[k]!]!;
        distance += (value - change.to) ** 2 - (value - change.from) ** 2;
      }
      if (best.length === neighbours && distance >= best[neighbours - 1]!.distance) continue;
      best.push({ distance, grade: this.#knownGrades[k]! });
      best.sort((a, b) => a.distance - b.distance);
      best.length = Math.min(best.length, neighbours);
    }
    const counts = new Map<string, number>();
    for (const { grade } of best) counts.set(grade, (counts.get(grade) ?? 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  }
}

/** `lost` [repeat][judged]; `members` are the judged images that are drawn together. */
function lossOf(
  lost: readonly (readonly number[])[],
  members: readonly (readonly number[])[],
  random: Random,
): FeatureLoss {
  const judged = lost[0]!.length;
  const sums = lost.map((one) => members.map((unit) => sumOf(unit.map((at) => one[at]!))));
  const drawn = Array.from({ length: resamples }, () => {
    const one = sums[randomInt(random, sums.length)]!;
    let [loss, count] = [0, 0];
    for (let i = 0; i < members.length; i++) {
      const unit = randomInt(random, members.length);
      loss += one[unit]!;
      count += members[unit]!.length;
    }
    return loss / count;
  }).sort((a, b) => a - b);
  const low = drawn[Math.floor(tail * resamples)]!;
  const high = drawn[Math.ceil((1 - tail) * resamples) - 1]!;
  return {
    mean: sumOf(sums.flat()) / (judged * lost.length),
    low,
    high,
    isIdle: judged >= judgedMin && high <= idleMax,
  };
}

function unitsOf(images: readonly DatasetImage[], judged: readonly number[]) {
  const byGroup = new Map<string, number[]>();
  judged.forEach((image, at) => {
    const { group } = images[image]!;
    const unit = byGroup.get(group);
    if (unit) unit.push(at);
    else byGroup.set(group, [at]);
  });
  const groups = byGroup.size;
  return groups >= groupsMin
    ? { groups, drawnBy: 'group' as const, members: [...byGroup.values()] }
    : { groups, drawnBy: 'image' as const, members: judged.map((_, at) => [at]) };
}

function thinned(all: readonly number[], countMax: number): number[] {
  const stride = Math.max(1, Math.ceil(all.length / countMax));
  return all.filter((_, i) => i % stride === 0);
}

export function standardised(column: readonly number[]): number[] {
  const mean = sumOf(column) / column.length;
  const deviation = Math.sqrt(sumOf(column.map((x) => (x - mean) ** 2)) / column.length) || 1;
  return column.map((x) => (x - mean) / deviation);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
