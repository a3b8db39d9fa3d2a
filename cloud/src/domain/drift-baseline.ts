/** What a station's fruit is usually like, from its first windows, and how far a window of the same fruit may lie from it. */
import { type CountedStatistic, driftStatisticTable } from '@pomona/grading';
import type { DriftWindow, Random } from '@pomona/wire';
import { addCounts, sumOf } from './drift-histograms.ts';
import { clumpingOf, limitsOf, type PsiLimits } from './drift-limits.ts';
import { accuracyAtMix, sharesOfPredictions } from './estimated-accuracy.ts';

export type DriftStatistic = CountedStatistic | 'grades';
export const driftStatistics: readonly DriftStatistic[] = [
  ...driftStatisticTable.map(({ name }) => name),
  'grades',
];

export const baselineWindows = 5;

export interface Baseline {
  readonly labels: readonly string[];
  /** That were seen; the last bin of the statistic `grades` is for all others. */
  readonly grades: readonly string[];
  readonly statistics: Readonly<Record<DriftStatistic, BaselineStatistic>>;
  /** At the baseline's own mix of predictions; null when nothing was predicted. */
  readonly accuracy: Expected | null;
  /** The empty belt's colour; null when a station does not send it. */
  readonly belt: Readonly<Record<BeltChannel, Expected>> | null;
  /** Share of the fruits for which each label was the most probable. */
  readonly predictedShares: readonly number[];
}

export interface BaselineStatistic extends PsiLimits {
  readonly counts: readonly number[];
}

export interface Expected {
  readonly mean: number;
  /** A window may lie so far from the mean. */
  readonly within: number;
}

/** Mean sRGB, 0..255. */
type BeltColour = NonNullable<DriftWindow['belt']>;
export const beltChannels = ['red', 'green', 'blue'] as const;
export type BeltChannel = (typeof beltChannels)[number];

const accuracyFloor = 0.04;
/** Of the belt's colour: shadows and rollers are not always the same. */
const beltFloorShare = 0.06;
/** Of Student's t with four degrees of freedom: 0.5 % lie beyond on one side. */
const studentT = 4.6;
/** `windows` are at least two, of one release and of this program's bin edges. */
export function baselineOf(windows: readonly DriftWindow[], random: Random): Baseline {
  const labels = windows[0]!.labels;
  const grades = [...new Set(windows.flatMap((window) => window.grades.map(({ grade }) => grade)))].sort();
  const blocksOf = (name: DriftStatistic) => windows.map((window) => countsOf(window, name, grades));
  const overall = clumpingOf(driftStatistics.map(blocksOf));
  const statistics = Object.fromEntries(
    driftStatistics.map((name): [DriftStatistic, BaselineStatistic] => {
      const blocks = blocksOf(name);
      // Few windows tell little of one statistic, and may happen to be alike: all of them together tell more.
      const clumping = Math.max(overall, clumpingOf([blocks]));
      return [name, { counts: addCounts(blocks), ...limitsOf(blocks, clumping, random) }];
    }),
  ) as Readonly<Record<DriftStatistic, BaselineStatistic>>;
  const predictedShares = sharesOfPredictions(windows);
  const accuracies = windows.flatMap((window) => accuracyAtMix(window, predictedShares) ?? []);
  const belts = windows.flatMap(({ belt }) => belt ?? []);
  const expectedBelt = (of: (belt: BeltColour) => number) => {
    const values = belts.map(of);
    return expectedOf(values, (beltFloorShare * sumOf(values)) / values.length);
  };
  return {
    labels,
    grades,
    statistics,
    predictedShares,
    accuracy: accuracies.length < 2 ? null : expectedOf(accuracies, accuracyFloor),
    belt:
      belts.length < 2
        ? null
        : {
            red: expectedBelt(({ red }) => red),
            green: expectedBelt(({ green }) => green),
            blue: expectedBelt(({ blue }) => blue),
          },
  };
}

/** Zeros for a statistic that the window does not have. */
export function countsOf(
  { histograms, grades: graded }: DriftWindow,
  statistic: DriftStatistic,
  grades: readonly string[],
): readonly number[] {
  if (statistic !== 'grades')
    return histograms.find(({ name }) => name === statistic)?.counts ?? new Array<number>(16).fill(0);
  const counts = grades.map((grade) => graded.find((each) => each.grade === grade)?.count ?? 0);
  return [...counts, sumOf(graded.map(({ count }) => count)) - sumOf(counts)];
}

/** A window more would lie within Student's t of the mean; few windows tell little of their spread, so t is large. */
function expectedOf(values: readonly number[], floor: number): Expected {
  const mean = sumOf(values) / values.length;
  const variance = sumOf(values.map((value) => (value - mean) ** 2)) / (values.length - 1);
  return { mean, within: Math.max(floor, studentT * Math.sqrt(variance * (1 + 1 / values.length))) };
}
