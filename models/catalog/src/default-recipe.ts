import { changeRecipe } from './change-recipe.ts';
import type { TrainingRecipe } from './training-recipe.ts';

export const defaultRecipe: TrainingRecipe = {
  epochs: 36,
  batchImages: 64,
  viewsMax: 4,
  learningRate: 0.01,
  finalRateShare: 0.01,
  warmUpShare: 0.05,
  averagedSteps: 0,
  adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  classBalance: 1,
  groupBalance: 0,
  labelSmoothing: 0,
  viewWeight: 0.5,
  defectWeight: 30,
  patienceEpochs: 0,
  augmentation: {
    ...{ orientation: true, brightness: 0.15, whiteBalance: 0.06, gamma: 0.1 },
    ...{ rotation: 0, blur: 0, noise: 0, highlights: 0, occlusion: 0, edge: 0, background: 0 },
  },
};

/** What differs when a trained network goes on with new images: small steps, so that it keeps what it knows. */
export const fineTuneChanges = { epochs: 8, learningRate: 0.001, warmUpShare: 0.1 } as const;

const normalised: ReadonlySet<string> = new Set(['compact', 'local']);
/** Where a network learns best with other settings than the default's: normalised convolutions want smaller steps. */
const compactChanges = { epochs: 20, learningRate: 0.004, averagedSteps: 200 } as const;

/**
 * On the views of a line what single views and their maps show teaches it more than the grades of whole fruit. Lamps age and
 * break: it learns light down to two thirds of the grey levels, and the noise that comes with it.
 */
const compactLineChanges = {
  ...{ viewWeight: 2, defectWeight: 120 },
  augmentation: { brightness: 0.35, gamma: 0.2, noise: 4 },
} as const;

/**
 * On images that stand for themselves: cameras that nobody calibrated differ more than those of a line, and a single coarse map
 * weighs less beside its grade than those of a fruit's many views.
 */
const compactPhotographChanges = {
  averagedSteps: 100,
  defectWeight: 4,
  augmentation: { brightness: 0.25, whiteBalance: 0.1, gamma: 0.25 },
} as const;

/** Its map knows soon what drawn defects look like; what it learns after that is how they are drawn. */
const localPhotographChanges = { epochs: 6, finalRateShare: 0.4, averagedSteps: 200 } as const;

/** What a network of the catalog is trained with unless somebody says otherwise, on a dataset with so many views of a fruit. */
export function recipeFor(networkName: string, viewsPerFruit: number): TrainingRecipe {
  if (!normalised.has(networkName)) return defaultRecipe;
  const recipe = changeRecipe(defaultRecipe, compactChanges);
  if (viewsPerFruit > 1) return networkName === 'compact' ? changeRecipe(recipe, compactLineChanges) : recipe;
  const forPhotographs = changeRecipe(recipe, compactPhotographChanges);
  return networkName === 'local' ? changeRecipe(forPhotographs, localPhotographChanges) : forPhotographs;
}
