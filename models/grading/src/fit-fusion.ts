/** Weights of a recipe's fusion, learned from fruit whose grade is known. */
import type { RecipeFusion } from '@pomona/wire';
import { fuseByRecipe } from './fuse-by-recipe.ts';
import type { FusableView } from './fuse-views.ts';

export interface KnownFruit {
  /** Index of its true label. */
  readonly label: number;
  readonly views: readonly FusableView[];
}

const partsMax = 4;
const shares = [0, 0.25, 0.5, 0.75, 1] as const;
const certainties = [0, 0.5, 1, 2, 3, 4, 6, 8] as const;
/** Of the loss, for one change and for all of them: what gains less is the luck of these fruits. */
const gainMin = 0.002;
const gainInAllMin = 0.02;
/** Below this a probability counts the same: one fruit must not decide. */
const probabilityMin = 1e-4;

/**
 * The weights by which the fruits' grades are likeliest: which part of the way, and how sure a view must be. One setting after the other is tried
 * while that helps. Undefined where all views counting alike is as good.
 */
export function fitFusion(fruits: readonly KnownFruit[]): RecipeFusion | undefined {
  const viewsLeast = Math.min(...fruits.map(({ views }) => views.length));
  const parts = Math.min(partsMax, viewsLeast);
  let best: Required<Pick<RecipeFusion, 'byPosition' | 'certainty'>> = {
    byPosition: new Array<number>(parts).fill(1),
    certainty: 0,
  };
  const alike = fusionLoss({ method: 'weights', ...best }, fruits);
  let loss = alike;
  const consider = (next: typeof best): void => {
    const nextLoss = fusionLoss({ method: 'weights', ...next }, fruits);
    if (nextLoss >= loss * (1 - gainMin)) return;
    best = next;
    loss = nextLoss;
  };
  for (let before = Number.POSITIVE_INFINITY; loss < before; ) {
    before = loss;
    for (const certainty of certainties) consider({ ...best, certainty });
    for (let part = 0; part < parts; part++) {
      for (const share of shares) {
        const byPosition = best.byPosition.with(part, share);
        // Weights are relative: one of them stays whole.
        if (Math.max(...byPosition) === 1) consider({ ...best, byPosition });
      }
    }
  }
  return loss < alike * (1 - gainInAllMin) ? { method: 'weights', ...best } : undefined;
}

/** Mean of what the true labels' probabilities lack, as -ln(p); of at least one fruit. */
export function fusionLoss(fusion: RecipeFusion | undefined, fruits: readonly KnownFruit[]): number {
  const losses = fruits.map(({ views, label }) =>
    Math.log(Math.max(probabilityMin, fuseByRecipe(fusion, views, 0)[label]!)),
  );
  return -losses.reduce((sum, each) => sum + each, 0) / losses.length;
}
