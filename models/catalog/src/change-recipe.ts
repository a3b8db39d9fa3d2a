import { withArticle } from '@pomona/wire';
import type { TrainingRecipe } from './training-recipe.ts';

/**
 * The recipe with some settings changed, which may come from anywhere: `{ learningRate: 0.003, augmentation: { gamma: 0.2 } }`.
 * Throws a `RangeError` for a setting that no recipe has, one of another type, and a number below 0.
 */
export function changeRecipe(recipe: TrainingRecipe, changes: unknown): TrainingRecipe {
  const changed = merge(recipe, changes, '') as TrainingRecipe;
  for (const name of ['epochs', 'batchImages', 'viewsMax'] as const) {
    if (!Number.isSafeInteger(changed[name]) || changed[name] < 1)
      throw new RangeError(`the recipe's ${name} must be a whole number from 1`);
  }
  if (!Number.isSafeInteger(changed.patienceEpochs))
    throw new RangeError("the recipe's patienceEpochs must be a whole number from 0");
  for (const name of [
    'classBalance',
    'groupBalance',
    'labelSmoothing',
    'warmUpShare',
    'finalRateShare',
  ] as const) {
    if (changed[name] > 1) throw new RangeError(`the recipe's ${name} must be a number from 0 to 1`);
  }
  for (const name of ['highlights', 'occlusion', 'edge', 'background'] as const) {
    if (changed.augmentation[name] > 1)
      throw new RangeError(`the recipe's augmentation.${name} must be a number from 0 to 1`);
  }
  if (changed.learningRate === 0) throw new RangeError('the recipe’s learningRate must be above 0');
  return changed;
}

function merge(base: object, changes: unknown, path: string): object {
  if (typeof changes !== 'object' || changes === null || Array.isArray(changes))
    throw new RangeError(`the recipe's ${path || 'changes'} must be an object`);
  const known = new Map<string, unknown>(Object.entries(base));
  for (const [name, value] of Object.entries(changes)) {
    const before = known.get(name);
    const at = `${path}${name}`;
    if (before === undefined) throw new RangeError(`a recipe has no ${at}`);
    if (typeof before === 'object' && before !== null) {
      known.set(name, merge(before, value, `${at}.`));
      continue;
    }
    if (typeof value !== typeof before)
      throw new RangeError(`the recipe's ${at} must be ${withArticle(typeof before)}`);
    if (typeof value === 'number' && !(Number.isFinite(value) && value >= 0))
      throw new RangeError(`the recipe's ${at} must be a number from 0`);
    known.set(name, value);
  }
  return Object.fromEntries(known);
}
