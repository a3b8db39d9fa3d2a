import { expect, it } from 'vitest';
import { checkedRecipe } from './checked-recipe.ts';

it('takes settings that a recipe has', () => {
  const changes = { labelSmoothing: 0.1, patienceEpochs: 3, groupBalance: 0.5, augmentation: { blur: 0.8 } };
  expect(checkedRecipe('compact', 1, changes)).toBe(changes);
});

it.each([
  [{ labelsmoothing: 0.1 }, 'a recipe has no labelsmoothing'],
  [{ labelSmoothing: 2 }, 'labelSmoothing must be a number from 0 to 1'],
  [{ patienceEpochs: 1.5 }, 'patienceEpochs must be a whole number from 0'],
  [{ groupBalance: 1.1 }, 'groupBalance must be a number from 0 to 1'],
  [{ augmentation: { hue: 1 } }, 'a recipe has no augmentation.hue'],
  [{ augmentation: { occlusion: 3 } }, 'augmentation.occlusion must be a number from 0 to 1'],
])('says which setting of %j is wrong', (changes, words) => {
  expect(() => checkedRecipe('compact', 1, changes)).toThrow(
    expect.objectContaining({ code: 'recipe-setting', message: expect.stringContaining(words) }),
  );
});
