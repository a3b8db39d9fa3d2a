import type { TrainingRecipe } from './training-recipe.ts';

export const defaultRecipe: TrainingRecipe = {
  epochs: 36,
  batchImages: 64,
  viewsMax: 4,
  learningRate: 0.01,
  finalRateShare: 0.01,
  warmUpShare: 0.05,
  adam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  classBalance: 1,
  labelSmoothing: 0,
  viewWeight: 0.5,
  defectWeight: 30,
  patienceEpochs: 0,
  augmentation: { orientation: true, brightness: 0.15, whiteBalance: 0.06, gamma: 0.1 },
};

/** What differs when a trained network goes on with new images: small steps, so that it keeps what it knows. */
export const fineTuneChanges = { epochs: 8, learningRate: 0.001, warmUpShare: 0.1 } as const;
