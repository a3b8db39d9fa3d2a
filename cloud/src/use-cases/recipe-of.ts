import type { ModelView } from '@pomona/wire';
import { unflattened } from '../domain/unflatten.ts';

/** The recipe that is in the parameters of a training. */
export function recipeOf({ network: _, views: __, ...recipe }: ModelView['parameters']): object {
  return unflattened(recipe);
}

/** With which a version's network learned from the start; undefined where it went on from another, whose small steps suit no beginning. */
export async function firstRecipeOf(
  models: { find(name: string, version: number): Promise<ModelView | undefined> },
  model: ModelView,
): Promise<object | undefined> {
  const { calibration, parent } = model;
  if (parent === undefined) return recipeOf(model.parameters);
  const before = calibration && (await models.find(parent.name, parent.version));
  return before && firstRecipeOf(models, before);
}
