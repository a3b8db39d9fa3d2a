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

// Of the views of the fruit in hand: there for each fruit anew, for as many views as one had.
let badness = new Float64Array(32);
let order = new Int32Array(32);
let weights = new Float64Array(32);

/** Which views, by their numbers, equally bad ones as they came; good until it is asked again. */
function worstFirst(views: readonly ViewProbabilities[]): Int32Array {
  makeRoom(views.length);
  for (let v = 0; v < views.length; v++) {
    const own = badnessOf(views[v]!);
    let at = v;
    for (; at > 0 && badness[at - 1]! < own; at--) {
      badness[at] = badness[at - 1]!;
      order[at] = order[at - 1]!;
    }
    badness[at] = own;
    order[at] = v;
  }
  return order;
}

function makeRoom(views: number): void {
  if (weights.length >= views) return;
  badness = new Float64Array(2 * views);
  order = new Int32Array(2 * views);
  weights = new Float64Array(2 * views);
}

/** The expected label, counted from the best one. */
function badnessOf(probabilities: ViewProbabilities): number {
  let badness = 0;
  for (let k = 1; k < probabilities.length; k++) badness += k * probabilities[k]!;
  return badness;
}

/** None, so that all count alike, where the recipe's weights leave nothing. Good until it is asked again. */
function weightsOf(
  { byPosition, byBadness, certainty = 0 }: RecipeFusion,
  views: readonly ViewProbabilities[],
): Float64Array | undefined {
  makeRoom(views.length);
  for (let v = 0; v < views.length; v++) {
    const sure = certainty === 0 ? 1 : certaintyOf(views[v]!) ** certainty;
    weights[v] = partOf(byPosition, v, views.length) * sure;
  }
  if (byBadness !== undefined && byBadness.length > 1) {
    const worst = worstFirst(views);
    for (let rank = 0; rank < views.length; rank++)
      weights[worst[rank]!]! *= partOf(byBadness, rank, views.length);
  }
  for (let v = 0; v < views.length; v++) if (weights[v]! > 0) return weights;
  return undefined;
}

/** What the weights of a recipe say of one of so many views. */
function partOf(parts: readonly number[] | undefined, at: number, views: number): number {
  return parts === undefined ? 1 : parts[Math.floor((at * parts.length) / views)]!;
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
