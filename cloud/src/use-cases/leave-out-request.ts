import { defaultNetworkName } from '@pomona/catalog';
import type { LeaveOutOrder, ModelView } from '@pomona/wire';
import type { LeaveOutRequest } from './leave-out.ts';
import { firstRecipeOf } from './recipe-of.ts';

export const defaultFolds = 12;
export const defaultBudgetMinutes = 60;

type Models = Parameters<typeof firstRecipeOf>[0];

/** What is trained where an order leaves it open: the way of the model that it names, else that of the catalog's default. */
export async function leaveOutRequestOf(
  models: Models,
  order: Omit<LeaveOutOrder, 'model' | 'dataset'>,
  model: ModelView | undefined,
): Promise<LeaveOutRequest> {
  const { by, epochs, folds = defaultFolds, budgetMinutes = defaultBudgetMinutes, anew = false } = order;
  const network = order.network ?? model?.network ?? defaultNetworkName;
  // Another network's recipe may not suit.
  const recipe = model?.network === network ? await firstRecipeOf(models, model) : undefined;
  return {
    ...{ by, network, folds, budgetMinutes, anew, seed: order.seed ?? model?.seed ?? 1 },
    ...(epochs === undefined ? {} : { epochs }),
    ...(recipe === undefined ? {} : { recipe }),
  };
}
