/**
 * How far apart unchanged windows may be.
 *
 * PSI of unchanged fruit depends on how many fruits are counted and on how alike neighbours are, so no fixed limit is right.
 * The windows of the baseline are its blocks: how much they differ among each other, beyond what chance alone would do
 * (Pearson's chi-squared over its degrees of freedom; Rao and Scott 1981), says how many independent fruits a window is worth.
 * Windows of so many fruits are drawn from the baseline, and the limit is what nearly all of them stay below, but
 * never less than a floor.
 */
import type { Random } from '@pomona/wire';
import { addCounts, psiOf, sumOf } from './drift-histograms.ts';

/** Counts of one statistic, window by window. */
type Blocks = readonly (readonly number[])[];

/** PSI that unchanged windows stay below. */
export interface PsiLimits {
  /** One alone. */
  readonly limit: number;
  /** So many in a row, counted together. */
  readonly limitTogether: (windows: number) => number;
}

const draws = 400;
/** PSI of more falls with their number, and drawing them takes time in which nothing else is done. */
const drawnFruitsMax = 1_000;
/** Of the draws; over twelve statistics and three of five windows, a false alarm is rare. */
const quantile = 0.995;
/** Below these a difference is too small to matter, however sure. */
const psiFloor = 0.15;
const psiFloorTogether = 0.1;
/** Windows together are judged anew with every window, so that a false alarm must be far rarer than any of the draws. */
const beyondAllDraws = 2;
/** However alike neighbours are, a window counts as this many independent fruits. */
const independentMin = 20;

/** `clumping` fruits of the windows count as one. */
export function limitsOf(blocks: Blocks, clumping: number, random: Random): PsiLimits {
  const pooled = addCounts(blocks);
  const windowFruits = sumOf(pooled) / blocks.length;
  if (windowFruits === 0) return { limit: psiFloor, limitTogether: () => psiFloorTogether };
  const independent = Math.max(independentMin, Math.round(windowFruits / clumping));
  const fruits = Math.min(independent, drawnFruitsMax);
  const raisedBy = (0.5 * independent) / windowFruits / fruits;
  const drawn = Array.from(
    { length: draws },
    () => (psiOf(pooled, drawCounts(pooled, fruits, random), raisedBy) * fruits) / independent,
  ).sort((a, b) => a - b);
  // PSI falls with the number of fruits, and the baseline is itself a sample: what is new differs from it by the spread of both.
  const spread = (windows: number) => 1 / windows + 1 / blocks.length;
  const [nearlyAll, beyondAll] = [drawn[Math.floor(quantile * draws)]!, drawn.at(-1)! * beyondAllDraws];
  return {
    limit: Math.max(psiFloor, nearlyAll * spread(1)),
    limitTogether: (windows) => Math.max(psiFloorTogether, beyondAll * spread(windows)),
  };
}

/** How many fruits count as one, over these statistics: 1 when their blocks differ as chance alone would make them. */
export function clumpingOf(statistics: readonly Blocks[]): number {
  const parts = statistics.map(chiSquaredOf);
  const freedom = sumOf(parts.map((part) => part.freedom));
  return freedom === 0 ? 1 : Math.max(1, sumOf(parts.map((part) => part.chiSquared)) / freedom);
}

function chiSquaredOf(blocks: Blocks): { chiSquared: number; freedom: number } {
  const pooled = addCounts(blocks);
  const bins = pooled.filter((count) => count > 0).length;
  const parts = blocks.flatMap((block) => {
    const share = sumOf(block) / sumOf(pooled);
    return block.map((count, k) => {
      const expected = pooled[k]! * share;
      return expected > 0 ? (count - expected) ** 2 / expected : 0;
    });
  });
  return { chiSquared: sumOf(parts), freedom: Math.max(0, (blocks.length - 1) * (bins - 1)) };
}

function drawCounts(pooled: readonly number[], fruits: number, random: Random): number[] {
  const total = sumOf(pooled);
  const counts = pooled.map(() => 0);
  for (let i = 0; i < fruits; i++) {
    let left = random.next() * total;
    let bin = 0;
    while (bin < pooled.length - 1 && left >= pooled[bin]!) left -= pooled[bin++]!;
    counts[bin]!++;
  }
  return counts;
}
