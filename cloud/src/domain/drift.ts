/** How the fruit of one window differs from a station's baseline. */
import { driftStatisticTable } from '@pomona/grading';
import type { DriftWindow } from '@pomona/wire';
import {
  type Baseline,
  type BeltChannel,
  beltChannels,
  countsOf,
  type DriftStatistic,
  driftStatistics,
  type Expected,
} from './drift-baseline.ts';
import { jensenShannonOf, psiOf, quantileOf, sumOf } from './drift-histograms.ts';
import { accuracyAtMix } from './estimated-accuracy.ts';

export interface WindowVerdict {
  readonly statistics: Readonly<Record<DriftStatistic, StatisticVerdict>>;
  /** What is beyond its limit, and `accuracy` when the model is less sure of the same predictions. */
  readonly beyond: readonly (DriftStatistic | 'accuracy')[];
  /** So far beyond that two such windows are enough. */
  readonly strong: boolean;
  /** In which the belt is another than it was: no fruit does that. Null when the station does not know its belt. */
  readonly beltChanged: readonly BeltChannel[] | null;
  readonly blurred: boolean;
  /** Largest share, over the statistics of the picture, of fruit unlike any of the baseline. */
  readonly unknownShare: number;
  /** Estimated at the baseline's mix of predictions. */
  readonly accuracy: number | null;
}

export interface StatisticVerdict {
  readonly counts: readonly number[];
  readonly psi: number;
  readonly jensenShannon: number;
}

const strongTimes = 4;
const strongPsi = 1;
/** A bin is known when this share of the baseline is in it or beside it. */
const knownShare = 0.005;
const blurredBy = 0.85;
export const pictures = ['luma', 'red', 'green', 'blue', 'saturation', 'hue'] as const;

export function judgeWindow(baseline: Baseline, window: DriftWindow): WindowVerdict {
  const counts = (name: DriftStatistic) => countsOf(window, name, baseline.grades);
  const statistics = Object.fromEntries(
    driftStatistics.map((name) => {
      const [known, now] = [baseline.statistics[name].counts, counts(name)];
      return [name, { counts: now, psi: psiOf(known, now), jensenShannon: jensenShannonOf(known, now) }];
    }),
  ) as Record<DriftStatistic, StatisticVerdict>;
  const accuracy = accuracyAtMix(window, baseline.predictedShares);
  const isLessSure = accuracy !== null && isBelow(baseline.accuracy, accuracy);
  const limitOf = (name: DriftStatistic) => baseline.statistics[name].limit;
  const beyond = driftStatistics.filter((name) => statistics[name].psi > limitOf(name));
  return {
    statistics,
    beyond: isLessSure ? [...beyond, 'accuracy'] : beyond,
    strong: beyond.some((name) => statistics[name].psi > Math.max(strongPsi, strongTimes * limitOf(name))),
    beltChanged: beltChangeOf(baseline, window),
    blurred:
      medianOf('sharpness', counts('sharpness')) <
      blurredBy * medianOf('sharpness', baseline.statistics.sharpness.counts),
    unknownShare: Math.max(
      ...pictures.map((name) => unknownShareOf(baseline.statistics[name].counts, counts(name))),
    ),
    accuracy,
  };
}

function beltChangeOf({ belt: expected }: Baseline, { belt }: DriftWindow): BeltChannel[] | null {
  if (expected === null || belt === undefined) return null;
  return beltChannels.filter(
    (channel) => Math.abs(belt[channel] - expected[channel].mean) > expected[channel].within,
  );
}

function isBelow(expected: Expected | null, value: number): boolean {
  return expected !== null && value < expected.mean - expected.within;
}

function unknownShareOf(known: readonly number[], counts: readonly number[]): number {
  const least = knownShare * sumOf(known);
  const unknown = counts.filter((_, k) => [k - 1, k, k + 1].every((bin) => (known[bin] ?? 0) < least));
  return sumOf(unknown) / Math.max(1, sumOf(counts));
}

/** In the statistic's unit. */
export function medianOf(name: string, counts: readonly number[]): number {
  const edges = driftStatisticTable.find((row) => row.name === name)?.edges ?? [0, 1];
  return quantileOf(edges, counts, 0.5);
}
