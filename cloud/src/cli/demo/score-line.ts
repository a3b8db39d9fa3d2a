/** Holds what the stations graded against what really went down the line. */
import type { StoredFruit } from '@pomona/wire';

/** One fruit as the camera's program knows it. */
export interface TrueFruit {
  readonly lane: number;
  /** Encoder position at which the fruit's centre leaves the view, millimetres. */
  readonly positionMm: number;
  readonly grade: string;
  /** Not within a quarter of a limit between two grades. */
  readonly clear: boolean;
}

type Place = Pick<TrueFruit, 'lane' | 'positionMm'>;
export type GradedOnLine = Pick<StoredFruit, 'lane' | 'positionMm' | 'grade'>;

export interface LineScore {
  /** Fruits that really passed. */
  readonly fruits: number;
  /** Fruits that passed and were never graded; they count as wrong. */
  readonly missed: number;
  /** Graded where no fruit was. */
  readonly phantom: number;
  readonly correct: number;
  readonly clear: number;
  readonly clearCorrect: number;
  readonly bad: number;
  readonly badAsGood: number;
  /** truth → graded → count */
  readonly confusion: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Fruits of a lane are at least twice this far apart, so that a match is never ambiguous. */
const matchMm = 30;

/** A stretch of belt. */
export interface Stretch {
  readonly fromMm: number;
  readonly toMm: number;
}
const wholeBelt: Stretch = { fromMm: Number.NEGATIVE_INFINITY, toMm: Number.POSITIVE_INFINITY };

/**
 * Pairs each true fruit with the nearest graded one of its lane, each graded one at most once. Only what lies within
 * `stretch` is counted, but all is paired, so that a pair across its ends is neither missed nor phantom.
 */
export function scoreLine(
  truth: readonly TrueFruit[],
  graded: readonly GradedOnLine[],
  labels: readonly string[],
  stretch: Stretch = wholeBelt,
): LineScore {
  const counts = (fruit: { readonly positionMm: number }) =>
    fruit.positionMm >= stretch.fromMm && fruit.positionMm <= stretch.toMm;
  const counted = truth.filter(counts);
  const confusion = emptyConfusion(labels);
  const pairs = pairFruit(truth, graded);
  const paired = new Set(pairs.values());
  let missed = 0;
  let correct = 0;
  let clearCorrect = 0;
  for (const fruit of truth) {
    if (!counts(fruit)) continue;
    const found = pairs.get(fruit);
    if (found === undefined) {
      missed++;
      continue;
    }
    addTo(confusion, fruit.grade, found.grade, 1);
    if (found.grade === fruit.grade) {
      correct++;
      if (fruit.clear) clearCorrect++;
    }
  }
  return {
    fruits: counted.length,
    missed,
    phantom: graded.filter((fruit) => !paired.has(fruit) && counts(fruit)).length,
    correct,
    clear: counted.filter((fruit) => fruit.clear).length,
    clearCorrect,
    bad: counted.filter((fruit) => fruit.grade === 'bad').length,
    badAsGood: confusion.bad?.good ?? 0,
    confusion,
  };
}

/** Each true fruit with the nearest graded one of its lane, each graded one at most once. */
export function pairFruit<T extends Place, G extends Place>(
  truth: readonly T[],
  graded: readonly G[],
): Map<T, G> {
  const free = new Set(graded);
  const byLane = groupByLane(graded);
  const pairs = new Map<T, G>();
  for (const fruit of truth) {
    const found = nearest(byLane.get(fruit.lane) ?? [], fruit.positionMm, free);
    if (found === undefined) continue;
    free.delete(found);
    pairs.set(fruit, found);
  }
  return pairs;
}

/** The fruit that really was where one was graded; undefined where none was. */
export function trueFruitAt<T extends Place>(
  truth: readonly T[],
  { lane, positionMm }: Place,
): T | undefined {
  return truth.find((fruit) => fruit.lane === lane && Math.abs(fruit.positionMm - positionMm) <= matchMm);
}

/** Sums the scores of several lines. */
export function addScores(scores: readonly LineScore[], labels: readonly string[]): LineScore {
  const confusion = emptyConfusion(labels);
  for (const score of scores) {
    for (const [truth, row] of Object.entries(score.confusion)) {
      for (const [grade, count] of Object.entries(row)) {
        addTo(confusion, truth, grade, count);
      }
    }
  }
  const total = (pick: (score: LineScore) => number) => scores.reduce((sum, score) => sum + pick(score), 0);
  return {
    fruits: total((s) => s.fruits),
    missed: total((s) => s.missed),
    phantom: total((s) => s.phantom),
    correct: total((s) => s.correct),
    clear: total((s) => s.clear),
    clearCorrect: total((s) => s.clearCorrect),
    bad: total((s) => s.bad),
    badAsGood: total((s) => s.badAsGood),
    confusion,
  };
}

function emptyConfusion(labels: readonly string[]): Record<string, Record<string, number>> {
  return Object.fromEntries(
    labels.map((truth) => [truth, Object.fromEntries(labels.map((grade) => [grade, 0]))]),
  );
}

function addTo(
  confusion: Record<string, Record<string, number>>,
  truth: string,
  grade: string,
  count: number,
): void {
  const row = confusion[truth] ?? {};
  confusion[truth] = row;
  row[grade] = (row[grade] ?? 0) + count;
}

function groupByLane<G extends Place>(graded: readonly G[]): Map<number, G[]> {
  const lanes = new Map<number, G[]>();
  for (const fruit of graded) {
    const lane = lanes.get(fruit.lane);
    if (lane === undefined) lanes.set(fruit.lane, [fruit]);
    else lane.push(fruit);
  }
  return lanes;
}

function nearest<G extends Place>(
  lane: readonly G[],
  positionMm: number,
  free: ReadonlySet<G>,
): G | undefined {
  let best: G | undefined;
  let bestMm = matchMm;
  for (const fruit of lane) {
    const distanceMm = Math.abs(fruit.positionMm - positionMm);
    if (distanceMm <= bestMm && free.has(fruit)) {
      best = fruit;
      bestMm = distanceMm;
    }
  }
  return best;
}
