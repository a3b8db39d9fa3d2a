import type { DatasetView, TuneOrder } from '@pomona/wire';
import type { TuneRequest } from './tune.ts';

/** What is taken where an order names nothing else. */
export const tuneDefaults = {
  networks: ['sequential', 'compact'],
  ...{ halfTimeWorth: 0.005, budgetMinutes: 10, trials: 8, firstEpochs: 4, seed: 1 },
} as const;

/** A cell of the coarsest map of defects. */
const cellPx = 8;
const sizeMin = 32;

export function tuneRequestOf(
  { epochs: fullEpochs, dataset: _, ...order }: TuneOrder,
  dataset: DatasetView,
): TuneRequest {
  const sizes = order.sizes ?? sizesFor(dataset.inputSize);
  return { ...tuneDefaults, ...order, dataset, sizes, fullEpochs };
}

/** The dataset's own size, two thirds and half of it, in whole cells of every network. */
function sizesFor(inputSize: number): number[] {
  const smaller = [inputSize * (2 / 3), inputSize / 2].map((size) => Math.round(size / cellPx) * cellPx);
  return [inputSize, ...smaller.filter((size) => size >= sizeMin && size < inputSize)];
}
