/**
 * How far an activation's 8 bits reach. The wider, the fewer values are cut off; the narrower, the finer the steps. Which is
 * better nobody can say beforehand, so all ways are tried, and validation chooses.
 */
import type { Range } from './ranges.ts';

export const rangeMethods = ['minmax', 'percentile', 'entropy', 'squared-error'] as const;
export type RangeMethod = (typeof rangeMethods)[number];

/** Values of one activation on the calibration images, counted between the smallest and the largest of them. */
export interface ActivationCounts extends Range {
  readonly counts: Float64Array;
}

export const binCount = 2048;
/** Of the values, at each end that is not 0. */
const cutShare = 0.0001;
const levels = 256;
/** Ranges that a search compares, from 256 bins to all. */
const stepBins = 32;

export function emptyCounts({ min, max }: Range): ActivationCounts {
  return { min, max, counts: new Float64Array(binCount) };
}

export function addCounts({ min, max, counts }: ActivationCounts, numbers: ArrayLike<number>): void {
  const scale = max > min ? binCount / (max - min) : 0;
  for (let at = 0; at < numbers.length; at++) {
    const bin = Math.floor((numbers[at]! - min) * scale);
    counts[Math.min(binCount - 1, Math.max(0, bin))]!++;
  }
}

export function rangeBy(method: RangeMethod, activation: ActivationCounts): Range {
  switch (method) {
    case 'minmax':
      return { min: activation.min, max: activation.max };
    case 'percentile':
      return percentileRange(activation);
    case 'entropy':
      return entropyRange(activation);
    case 'squared-error':
      return leastSquaresRange(activation);
  }
}

function percentileRange({ min, max, counts }: ActivationCounts): Range {
  const total = counts.reduce((sum, each) => sum + each, 0);
  const width = (max - min) / binCount;
  let [low, high] = [0, binCount];
  for (let left = total * cutShare; low < binCount - 1 && counts[low]! <= left; low++) left -= counts[low]!;
  for (let left = total * cutShare; high > low + 1 && counts[high - 1]! <= left; high--)
    left -= counts[high - 1]!;
  // 0 stays in: padding and ReLU need it exactly.
  return { min: Math.min(0, min + low * width), max: Math.max(0, min + high * width) };
}

/**
 * The upper end that loses least, by the relative entropy of what is stored to what was (Migacz 2017, "8-bit inference with
 * TensorRT"). What is below 0 is kept whole: after a ReLU there is nothing. The zeros of a ReLU are left out: any range stores them exactly, and
 * beside so many the rest would hardly count.
 */
function entropyRange({ min, max, counts: all }: ActivationCounts): Range {
  const counts = min < 0 ? all : all.with(0, 0);
  let [best, least] = [binCount, Number.POSITIVE_INFINITY];
  for (let bins = levels; bins <= binCount; bins += stepBins) {
    const loss = entropyLoss(counts, bins);
    if (loss < least) [best, least] = [bins, loss];
  }
  return { min: Math.min(0, min), max: Math.max(0, min + (best * (max - min)) / binCount) };
}

/** The upper end with the least mean square of what is rounded, evenly within a step, and what is cut off. */
function leastSquaresRange({ min, max, counts }: ActivationCounts): Range {
  const width = (max - min) / binCount;
  let [best, least] = [binCount, Number.POSITIVE_INFINITY];
  for (let bins = levels; bins <= binCount; bins += stepBins) {
    const rounding = ((bins * width) / (levels - 1)) ** 2 / 12;
    let loss = 0;
    counts.forEach((count, bin) => {
      loss += count * (bin < bins ? rounding : ((bin - bins + 0.5) * width) ** 2);
    });
    if (loss < least) [best, least] = [bins, loss];
  }
  return { min: Math.min(0, min), max: Math.max(0, min + best * width) };
}

function entropyLoss(counts: Float64Array, bins: number): number {
  const kept = counts.slice(0, bins);
  const cut = counts.subarray(bins).reduce((sum, each) => sum + each, 0);
  const total = kept.reduce((sum, each) => sum + each, 0);
  if (total === 0) return Number.POSITIVE_INFINITY;
  const perLevel = bins / levels;
  let loss = 0;
  for (let level = 0; level < levels; level++) {
    const [from, to] = [Math.round(level * perLevel), Math.round((level + 1) * perLevel)];
    let [sum, filled] = [0, 0];
    for (let bin = from; bin < to; bin++) {
      sum += kept[bin]!;
      if (kept[bin]! > 0) filled++;
    }
    for (let bin = from; bin < to; bin++) {
      // What was cut off is found again in the last bin, where it was not.
      const real = kept[bin]! + (bin === bins - 1 ? cut : 0);
      if (real === 0) continue;
      const stored = filled === 0 ? 0.5 : sum / filled;
      loss += (real / (total + cut)) * Math.log(real / (total + cut) / (stored / total));
    }
  }
  return loss;
}
