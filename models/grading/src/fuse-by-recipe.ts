import type { RecipeFusion } from '@pomona/wire';
import { areaLogs, type FruitAreas } from './area-limits.ts';
import { calibratedLogits } from './fit-calibration.ts';
import { fuseViews, meanLogs, softmax, type ViewProbabilities } from './fuse-views.ts';

/**
 * The probabilities of a whole fruit as a recipe wants them; the labels run from the best to the worst, the views in the order of travel. As
 * `fuseViews`. `areas` are those of the fruit; without them its views alone decide.
 */
export function fuseByRecipe(
  fusion: RecipeFusion | undefined,
  views: readonly ViewProbabilities[],
  areas?: FruitAreas,
): number[] {
  switch (fusion?.method) {
    case 'worstView':
      return worstOf(views, fusion.confirmedBy ?? 1);
    case 'weights':
      return softmax(withAreas(fusion, weightedLogs(fusion, views), areas));
    default:
      return fuseViews(views);
  }
}

/** Logits of the labels: what `weightedLogs` gave, by the recipe's scale and shifts, and what the areas add to it. */
export function withAreas(
  { scale = 1, shift = [], areas: limits }: RecipeFusion,
  logs: readonly number[],
  areas: FruitAreas | undefined,
): number[] {
  const logits = calibratedLogits(logs, { scale, shift });
  if (limits === undefined || areas === undefined) return logits;
  const byAreas = areaLogs(limits, areas);
  return logits.map((logit, label) => logit + limits.weight * byAreas[label]!);
}

/** What a recipe's `scale` and `shift` are then applied to. */
export function weightedLogs(fusion: RecipeFusion, views: readonly ViewProbabilities[]): number[] {
  return meanLogs(views, weightsOf(fusion, views));
}

/** The view that `confirmedBy` views are at least as bad as, itself among them; of fewer views the least bad. */
function worstOf(views: readonly ViewProbabilities[], confirmedBy: number): number[] {
  if (views.length === 0) return [];
  const chosen = views[worstFirst(views)[Math.min(confirmedBy, views.length) - 1]!]!;
  const total = Array.from(chosen).reduce((sum, p) => sum + p, 0);
  return Array.from(chosen, (p) => p / total);
}

/** Which views, by their numbers. */
function worstFirst(views: readonly ViewProbabilities[]): number[] {
  return views.map((_, v) => v).sort((a, b) => badnessOf(views[b]!) - badnessOf(views[a]!));
}

/** The expected label, counted from the best one. */
function badnessOf(probabilities: ViewProbabilities): number {
  let badness = 0;
  for (let k = 1; k < probabilities.length; k++) badness += k * probabilities[k]!;
  return badness;
}

/** None, so that all count alike, where the recipe's weights leave nothing. */
function weightsOf(
  { byPosition = [1], byBadness = [1], certainty = 0 }: RecipeFusion,
  views: readonly ViewProbabilities[],
): readonly number[] | undefined {
  const partOf = (weights: readonly number[], at: number): number =>
    weights[Math.floor((at * weights.length) / views.length)]!;
  const weights = views.map((view, v) => {
    const sure = certainty === 0 ? 1 : certaintyOf(view) ** certainty;
    return partOf(byPosition, v) * sure;
  });
  if (byBadness.length > 1)
    worstFirst(views).forEach((v, rank) => {
      weights[v]! *= partOf(byBadness, rank);
    });
  return weights.some((weight) => weight > 0) ? weights : undefined;
}

/** From 0, where all labels are as likely as each other, to 1. */
function certaintyOf(probabilities: ViewProbabilities): number {
  if (probabilities.length < 2) return 1;
  let entropy = 0;
  for (let k = 0; k < probabilities.length; k++) {
    const p = probabilities[k]!;
    if (p > 0) entropy -= p * Math.log(p);
  }
  return Math.max(0, 1 - entropy / Math.log(probabilities.length));
}
