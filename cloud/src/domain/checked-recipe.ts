import { changeRecipe, recipeFor } from '@pomona/catalog';
import { AppError } from '@pomona/wire';

/** Settings that differ from the catalog's recipe, which may come from anywhere. Error: `recipe-setting`, which names the setting. */
export function checkedRecipe(network: string, viewsPerFruit: number, changes: object): object {
  try {
    changeRecipe(recipeFor(network, viewsPerFruit), changes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AppError('recipe-setting', error.message, {
      hint: 'See what there is in the parameters of a version: pomona model show NAME@VERSION.',
    });
  }
  return changes;
}
