import type { TrainingRecipe } from '@pomona/catalog';

/** The learning rate of a step (from 0): a linear rise, then half a cosine. */
export function learningRateAt(recipe: TrainingRecipe, step: number, steps: number): number {
  const { learningRate, warmUpShare, finalRateShare } = recipe;
  const warmUp = Math.max(1, Math.round(steps * warmUpShare));
  if (step < warmUp) return (learningRate * (step + 1)) / warmUp;
  const progress = Math.min(1, (step - warmUp) / Math.max(1, steps - warmUp));
  const share = finalRateShare + (1 - finalRateShare) * 0.5 * (1 + Math.cos(Math.PI * progress));
  return learningRate * share;
}
