/**
 * Whether the fruit of a window differs from that of a station's baseline, by the population stability index over bins
 * that the baseline fills equally. PSI of unchanged fruit depends on the number of fruit and on how alike neighbours
 * are, so the limit is what windows of the baseline itself reach, drawn in blocks of neighbours, but never below a floor.
 */
import { histogramOf, quantileEdges } from '@pomona/grading';
import { type Random, randomInt } from '@pomona/wire';

export interface SeenFruit {
  readonly grade: string;
  readonly probabilities: readonly number[];
  /** Mean colour, sRGB 0..255. */
  readonly colour: readonly number[];
  readonly diameterMm: number;
}

export const driftStatistics = [
  'luma',
  'red',
  'green',
  'blue',
  'saturation',
  'size',
  'confidence',
  'entropy',
  'grades',
] as const;
export type DriftStatistic = (typeof driftStatistics)[number];
export type DriftKind = 'camera' | 'population' | 'model';

/** Tenth, half and nine tenths of a channel's values. */
type Quantiles = readonly [number, number, number];

interface Limit {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  /** PSI that unchanged windows stay below. */
  readonly psi: number;
}

export interface Baseline {
  readonly fruits: number;
  readonly grades: readonly string[];
  readonly medianLuma: number;
  readonly channels: readonly Quantiles[];
  readonly limits: Readonly<Record<DriftStatistic, Limit>>;
}

export interface WindowVerdict {
  readonly psi: Readonly<Record<DriftStatistic, number>>;
  /** Beyond their limits. */
  readonly beyond: readonly DriftStatistic[];
  /** So far beyond that two such windows are enough. */
  readonly strong: boolean;
  /** Some light or lens scaled the colour of all fruit alike. */
  readonly relit: boolean;
  readonly medianLuma: number;
}

const bins = 8;
const blockFruits = 25;
const draws = 400;
/** Of the draws; over nine statistics and three of five windows, a false alarm is rare. */
const quantile = 0.995;
/** Below this a difference is too small to matter, however sure. */
const psiFloor = 0.15;
const strongTimes = 4;
const strongPsi = 1;

/** `fruits` in the order of their passing; `windowFruits` how many a window will have. */
export function baselineOf(fruits: readonly SeenFruit[], windowFruits: number, random: Random): Baseline {
  const grades = [...new Set(fruits.map(({ grade }) => grade))].sort();
  const limits = Object.fromEntries(
    driftStatistics.map((statistic): [DriftStatistic, Limit] => {
      const values = fruits.map((fruit) => figureOf(statistic, fruit, grades));
      const edges = statistic === 'grades' ? grades.map((_, k) => k + 0.5) : quantileEdges(values, bins);
      const counts = histogramOf(edges, values);
      return [statistic, { edges, counts, psi: limitOf(values, edges, counts, windowFruits, random) }];
    }),
  ) as Readonly<Record<DriftStatistic, Limit>>;
  return {
    fruits: fruits.length,
    grades,
    medianLuma: medianLumaOf(fruits),
    channels: channelsOf(fruits),
    limits,
  };
}

export function judgeWindow(baseline: Baseline, fruits: readonly SeenFruit[]): WindowVerdict {
  const psi = Object.fromEntries(
    driftStatistics.map((statistic) => {
      const { edges, counts } = baseline.limits[statistic];
      const values = fruits.map((fruit) => figureOf(statistic, fruit, baseline.grades));
      return [statistic, psiOf(counts, histogramOf(edges, values))];
    }),
  ) as Record<DriftStatistic, number>;
  const beyond = driftStatistics.filter((statistic) => psi[statistic] > baseline.limits[statistic].psi);
  const strong = beyond.some(
    (statistic) => psi[statistic] > Math.max(strongPsi, strongTimes * baseline.limits[statistic].psi),
  );
  const relit = isRelit(baseline.channels, channelsOf(fruits));
  return { psi, beyond, strong, relit, medianLuma: medianLumaOf(fruits) };
}

/**
 * Of the last windows, oldest first: undefined until a statistic is beyond in three of five, or two in a row are strong.
 * What the picture alone shows is the camera's. So is what makes all fruit, pale and dark, darker or warmer by the same
 * factor: other fruit does not do that, and grades and confidence that change with it change because of it. Else an unsure model is the model's, and all else the harvest's.
 */
export function driftKindOf(verdicts: readonly WindowVerdict[]): DriftKind | undefined {
  const last = verdicts.slice(-5);
  const held = driftStatistics.filter(
    (each) => last.filter(({ beyond }) => beyond.includes(each)).length > 2,
  );
  const isStrong = last.length > 1 && last.slice(-2).every(({ strong }) => strong);
  if (held.length === 0 && !isStrong) return undefined;
  const newest = last.at(-1)!;
  const seen = new Set<DriftStatistic>([...held, ...(isStrong ? newest.beyond : [])]);
  const has = (...all: DriftStatistic[]) => all.some((each) => seen.has(each));
  const picture = has('luma', 'red', 'green', 'blue', 'saturation');
  if (picture && (newest.relit || !has('confidence', 'entropy', 'grades', 'size'))) return 'camera';
  return has('confidence', 'entropy') ? 'model' : 'population';
}

/** Half a fruit per bin keeps an empty one from being infinitely far away. */
export function psiOf(a: readonly number[], b: readonly number[]): number {
  const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count + 0.5, 0);
  const totals = [total(a), total(b)] as const;
  return a.reduce((sum, count, k) => {
    const p = (count + 0.5) / totals[0];
    const q = (b[k]! + 0.5) / totals[1];
    return sum + (q - p) * Math.log(q / p);
  }, 0);
}

function limitOf(
  values: readonly number[],
  edges: readonly number[],
  counts: readonly number[],
  windowFruits: number,
  random: Random,
): number {
  const drawn = Array.from({ length: draws }, () => {
    const window: number[] = [];
    while (window.length < windowFruits) {
      const from = randomInt(random, Math.max(1, values.length - blockFruits));
      window.push(...values.slice(from, from + blockFruits));
    }
    return psiOf(counts, histogramOf(edges, window.slice(0, windowFruits)));
  }).sort((a, b) => a - b);
  // The baseline is itself a sample: a new window differs from it by the spread of both.
  const spread = 1 + windowFruits / values.length;
  return Math.max(psiFloor, drawn[Math.floor(quantile * draws)]! * spread);
}

function figureOf(statistic: DriftStatistic, fruit: SeenFruit, grades: readonly string[]): number {
  const [red = 0, green = 0, blue = 0] = fruit.colour;
  const max = Math.max(red, green, blue);
  switch (statistic) {
    case 'luma':
      return lumaOf(fruit);
    case 'red':
      return red;
    case 'green':
      return green;
    case 'blue':
      return blue;
    case 'saturation':
      return max === 0 ? 0 : (max - Math.min(red, green, blue)) / max;
    case 'size':
      return fruit.diameterMm;
    case 'confidence':
      return Math.max(0, ...fruit.probabilities);
    case 'entropy':
      return fruit.probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
    case 'grades': {
      const at = grades.indexOf(fruit.grade);
      return at < 0 ? grades.length : at;
    }
  }
}

/** Two channels are scaled evenly, and one of them by an eighth at least. */
function isRelit(before: readonly Quantiles[], now: readonly Quantiles[]): boolean {
  const scaled = before.map((quantiles, c) => {
    const logs = quantiles.map((value, k) => Math.log((now[c]![k]! + 1) / (value + 1)));
    return { by: Math.abs(logs[1]!), uneven: Math.max(...logs) - Math.min(...logs) };
  });
  const even = scaled.filter(({ uneven }) => uneven < 0.15);
  return even.length >= 2 && even.some(({ by }) => by > 0.125);
}

function channelsOf(fruits: readonly SeenFruit[]): Quantiles[] {
  return [0, 1, 2].map((c) => {
    const sorted = fruits.map(({ colour }) => colour[c] ?? 0).sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.floor(share * sorted.length)] ?? 0;
    return [at(0.1), at(0.5), at(0.9)];
  });
}

function lumaOf({ colour: [red = 0, green = 0, blue = 0] }: SeenFruit): number {
  return (77 * red + 150 * green + 29 * blue) / 256;
}

function medianLumaOf(fruits: readonly SeenFruit[]): number {
  const sorted = fruits.map(lumaOf).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
