import { expect, test } from 'vitest';
import { changeRecipe } from './change-recipe.ts';
import { defaultRecipe } from './default-recipe.ts';

test('changes what is named and keeps the rest', () => {
  const changed = changeRecipe(defaultRecipe, { epochs: 2, augmentation: { gamma: 0.3 } });
  expect(changed).toEqual({
    ...defaultRecipe,
    epochs: 2,
    augmentation: { ...defaultRecipe.augmentation, gamma: 0.3 },
  });
});

test.each([
  [{ learningSpeed: 1 }],
  [{ epochs: 1.5 }],
  [{ epochs: '3' }],
  [{ learningRate: -1 }],
  [{ learningRate: 0 }],
  [{ augmentation: 1 }],
  [{ augmentation: { occlusion: 1.5 } }],
  [[]],
  [{ adam: { __proto__: null, toString: 1 } }],
])('refuses %j', (changes) => {
  expect(() => changeRecipe(defaultRecipe, changes)).toThrow(RangeError);
});
