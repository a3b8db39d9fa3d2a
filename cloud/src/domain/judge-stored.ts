import {
  areasOf,
  fuseByRecipe,
  judgeFruit,
  type MissingFigure,
  unpackViews,
  type Verdict,
} from '@pomona/grading';
import type { Recipe } from '@pomona/wire';
import type { GradedFruit } from './feature-rows.ts';

/** What a recipe makes of a fruit that was graded by another one; `missing` where that cannot be said. */
export type StoredVerdict = Verdict | { readonly missing: readonly MissingFigure[] };

/** A fruit as it is stored, judged by the code of the line. `recipe` fits its labels. */
export function judgeStored(recipe: Recipe, fruit: GradedFruit): StoredVerdict {
  const { labels, measures } = fruit;
  const views = measures?.views === undefined ? undefined : unpackViews(measures.views, labels.length);
  const probabilities = fusedAnew(recipe, fruit, views);
  if (probabilities === undefined) return { missing: ['viewProbabilities'] };
  if (recipe.fusion?.areas !== undefined && probabilities.length > 0 && areasOf(measures) === undefined)
    return {
      missing: (['defectShare', 'rotShare'] as const).filter((area) => measures?.[area] === undefined),
    };
  return judgeFruit(recipe, labels, { probabilities, viewCount: fruit.views, views, measured: fruit });
}

/** As they were fused then, where that was the recipe's way, else from the views; undefined where those were not kept. */
function fusedAnew(
  recipe: Recipe,
  { probabilities, measures }: GradedFruit,
  views: readonly (readonly number[])[] | undefined,
): readonly number[] | undefined {
  const isMean = (method = 'meanLogProbability') => method === 'meanLogProbability';
  if (probabilities.length === 0) return probabilities;
  if (isMean(recipe.fusion?.method) && isMean(measures?.fusion)) return probabilities;
  return views && fuseByRecipe(recipe.fusion, views, areasOf(measures));
}
