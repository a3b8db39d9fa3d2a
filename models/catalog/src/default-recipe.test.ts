import { expect, test } from 'vitest';
import { defaultRecipe, recipeFor } from './default-recipe.ts';

test.each(['compact', 'local'])(
  '%s learns from single photographs under wider light than from the views of a line',
  (name) => {
    const [photographs, line] = [recipeFor(name, 1), recipeFor(name, 8)];
    expect(line.augmentation).toEqual(defaultRecipe.augmentation);
    expect(photographs.augmentation.gamma).toBeGreaterThan(line.augmentation.gamma);
    expect(photographs.defectWeight).toBeLessThan(line.defectWeight);
    expect(photographs.learningRate).toBe(line.learningRate);
  },
);

test('sequential has one recipe', () => {
  expect(recipeFor('sequential', 1)).toEqual(recipeFor('sequential', 8));
});
