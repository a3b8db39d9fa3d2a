import { expect, it } from 'vitest';
import { leaveOutOrder, trainOrder, untouched } from './train-order.ts';

const plain = { ...untouched, dataset: 'orchard@cafe', name: 'apples' };

it('asks for nothing that was left as recommended', () => {
  expect(trainOrder(plain)).toEqual({ dataset: 'orchard@cafe', name: 'apples' });
  expect(leaveOutOrder(plain)).toBeUndefined();
});

it('turns answers into strengths of the recipe, and lets what was written out win', () => {
  const answers = { light: 'steady', position: 'any' };
  expect(trainOrder({ ...plain, answers, evenGroups: true }).recipe).toEqual({
    groupBalance: 1,
    augmentation: { brightness: 0.05, whiteBalance: 0.02, gamma: 0.05, highlights: 0, rotation: Math.PI / 4 },
  });
  const recipe = '{"groupBalance": 0.5, "labelSmoothing": 0.1, "augmentation": {"gamma": 0.3}}';
  expect(trainOrder({ ...plain, answers: { light: 'steady' }, evenGroups: true, recipe }).recipe).toEqual({
    ...{ groupBalance: 0.5, labelSmoothing: 0.1 },
    augmentation: { brightness: 0.05, whiteBalance: 0.02, gamma: 0.3, highlights: 0 },
  });
});

it('takes the network of the model that it goes on from', () => {
  const chosen = { ...plain, network: 'sequential', leaveOut: 'variety', epochs: 3 } as const;
  expect(trainOrder(chosen)).toMatchObject({ network: 'sequential', epochs: 3 });
  expect(leaveOutOrder(chosen)).toEqual({
    ...{ by: 'variety', dataset: 'orchard@cafe', network: 'sequential', epochs: 3 },
  });
  const further = { ...chosen, from: 'apples@2' };
  expect(trainOrder(further)).not.toHaveProperty('network');
  expect(leaveOutOrder(further)).toMatchObject({ model: 'apples@2' });
});

it('refuses settings that are no object', () => {
  for (const recipe of ['[1]', '3', 'null'])
    expect(() => trainOrder({ ...plain, recipe })).toThrow(TypeError);
  expect(() => trainOrder({ ...plain, recipe: '{labelSmoothing: 0.1}' })).toThrow(SyntaxError);
});
