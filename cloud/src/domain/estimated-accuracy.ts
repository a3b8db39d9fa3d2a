import type { DriftWindow } from '@pomona/wire';
import { sumOf } from './drift-histograms.ts';

/** A label that was predicted less often says nothing of how sure the model is of it. */
const predictedMin = 5;

/**
 * What the model thinks of itself: the mean probability of what it predicted, which is its accuracy when its probabilities
 * are right (confidence-based performance estimation). Null when nothing was predicted.
 */
export function estimatedAccuracyOf({ confidence: { predicted } }: DriftWindow): number | null {
  const fruits = sumOf(predicted.map(({ n }) => n));
  return fruits === 0 ? null : sumOf(predicted.map(({ sum }) => sum)) / fruits;
}

/**
 * The same, had each label been predicted as often as `shares` says: more bad fruit is harder to tell, and that alone is
 * no fault of the model. Labels that the window has too few of are left out; null when that are all.
 */
export function accuracyAtMix({ confidence }: DriftWindow, shares: readonly number[]): number | null {
  let weights = 0;
  let total = 0;
  confidence.predicted.forEach(({ n, sum }, k) => {
    const weight = n < predictedMin ? 0 : (shares[k] ?? 0);
    if (weight === 0) return;
    weights += weight;
    total += (weight * sum) / n;
  });
  return weights === 0 ? null : total / weights;
}

/** Share of the fruits for which each label was the most probable, in the order of the labels. */
export function sharesOfPredictions(windows: readonly DriftWindow[]): number[] {
  const counts = windows[0]!.labels.map((_, k) =>
    sumOf(windows.map(({ confidence }) => confidence.predicted[k]?.n ?? 0)),
  );
  const total = Math.max(1, sumOf(counts));
  return counts.map((count) => count / total);
}
