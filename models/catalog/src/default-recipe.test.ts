import { expect, test } from 'vitest';
import { defaultRecipe, recipeFor } from './default-recipe.ts';

test('compact learns from single photographs under wider light than from the views of a line', () => {
  const [photographs, line] = [recipeFor('compact', 1), recipeFor('compact', 8)];
  expect(line.augmentation).toEqual(defaultRecipe.augmentation);
  expect(line.defectWeight).toBe(defaultRecipe.defectWeight);
  expect(photographs.augmentation.gamma).toBeGreaterThan(line.augmentation.gamma);
  expect(photographs.defectWeight).toBeLessThan(line.defectWeight);
  expect(photographs.learningRate).toBe(line.learningRate);
});

test('sequential has one recipe', () => {
  expect(recipeFor('sequential', 1)).toEqual(recipeFor('sequential', 8));
});
