import type { RecipeFusion } from '@pomona/wire';
import { type FusableView, fuseViews, meanLogProbabilities, turnWeights } from './fuse-views.ts';

/** The probabilities of a whole fruit as a recipe wants them; the labels run from the best to the worst. As `fuseViews`. */
export function fuseByRecipe(
  fusion: RecipeFusion | undefined,
  views: readonly FusableView[],
  diameterMm: number,
): number[] {
  switch (fusion?.method) {
    case 'worstView':
      return worstOf(views, fusion.confirmedBy ?? 1);
    case 'weights':
      return meanLogProbabilities(views, weightsOf(fusion, views, diameterMm));
    default:
      return fuseViews(views, diameterMm);
  }
}

/** The view that `confirmedBy` views are at least as bad as, itself among them; of fewer views the least bad. */
function worstOf(views: readonly FusableView[], confirmedBy: number): number[] {
  const byBadness = views.toSorted((a, b) => badnessOf(b.probabilities) - badnessOf(a.probabilities));
  const chosen = byBadness[Math.min(confirmedBy, views.length) - 1];
  if (chosen === undefined) return [];
  const total = Array.from(chosen.probabilities).reduce((sum, p) => sum + p, 0);
  return Array.from(chosen.probabilities, (p) => p / total);
}

/** The expected label, counted from the best one. */
function badnessOf(probabilities: ArrayLike<number>): number {
  let badness = 0;
  for (let k = 1; k < probabilities.length; k++) badness += k * probabilities[k]!;
  return badness;
}

/** On top of the weights of turns: no side counts twice. All alike where the recipe's weights leave nothing. */
function weightsOf(
  { byPosition = [1], certainty = 0 }: RecipeFusion,
  views: readonly FusableView[],
  diameterMm: number,
): number[] {
  const turns = turnWeights(views, diameterMm);
  const weights = views.map(({ probabilities }, v) => {
    const position = byPosition[Math.floor((v * byPosition.length) / views.length)]!;
    return turns[v]! * position * (certainty === 0 ? 1 : certaintyOf(probabilities) ** certainty);
  });
  return weights.some((weight) => weight > 0) ? weights : turns;
}

/** From 0, where all labels are as likely as each other, to 1. */
function certaintyOf(probabilities: ArrayLike<number>): number {
  if (probabilities.length < 2) return 1;
  let entropy = 0;
  for (let k = 0; k < probabilities.length; k++) {
    const p = probabilities[k]!;
    if (p > 0) entropy -= p * Math.log(p);
  }
  return Math.max(0, 1 - entropy / Math.log(probabilities.length));
}
