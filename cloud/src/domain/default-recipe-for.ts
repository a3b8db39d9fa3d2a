import { defaultRecipe, worstHalf } from '@pomona/grading';
import type { ModelView, Recipe } from '@pomona/wire';

/** What a station grades by that was given no recipe: how its model's views go together is as the model learnt them. */
export function defaultRecipeFor(
  { labels, parameters }: Pick<ModelView, 'labels' | 'parameters'>,
  version = 1,
): Recipe {
  return defaultRecipe(labels, version, parameters.views === 1 ? worstHalf : undefined);
}
