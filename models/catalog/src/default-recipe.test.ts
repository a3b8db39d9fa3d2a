import { expect, test } from 'vitest';
import { defaultRecipe, recipeFor } from './default-recipe.ts';

test.each(['compact', 'local'])(
  '%s learns from single photographs under light of more colours than from the views of a line',
  (name) => {
    const [photographs, line] = [recipeFor(name, 1), recipeFor(name, 8)];
    expect(photographs.augmentation.whiteBalance).toBeGreaterThan(line.augmentation.whiteBalance);
    expect(photographs.augmentation.gamma).toBeGreaterThan(line.augmentation.gamma);
    expect(photographs.defectWeight).toBeLessThan(line.defectWeight);
    expect(photographs.learningRate).toBe(line.learningRate);
  },
);

test('local learns from a line as other networks do', () => {
  expect(recipeFor('local', 8).augmentation).toEqual(defaultRecipe.augmentation);
});

test('compact learns from a line under lamps that have lost half of their light', () => {
  // A camera's grey levels are about the square root of the light.
  expect(Math.exp(-recipeFor('compact', 8).augmentation.brightness)).toBeLessThan(Math.sqrt(0.5));
});

test('sequential has one recipe', () => {
  expect(recipeFor('sequential', 1)).toEqual(recipeFor('sequential', 8));
});
