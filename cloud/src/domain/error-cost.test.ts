import type { Evaluation } from '@pomona/wire';
import { expect, test } from 'vitest';
import { errorCostOf } from './error-cost.ts';

const confusion = [
  [8, 1, 1],
  [0, 5, 0],
  [2, 0, 3],
];
const model = { labels: ['good', 'ok', 'bad'], evaluation: { confusion } as Evaluation };

test('costs the steps between grades where the project says nothing', () => {
  expect(errorCostOf(model, {})).toEqual({
    perCase: (1 + 2 + 2 * 2) / 20,
    costs: [
      [0, 1, 2],
      [1, 0, 1],
      [2, 1, 0],
    ],
  });
});

test('costs what the project says, and nothing where no case was judged', () => {
  const costs = { bad: { good: 20 } };
  expect(errorCostOf(model, { costs }).perCase).toBe((1 + 2 + 2 * 20) / 20);
  const none = {
    confusion: [
      [0, 0],
      [0, 0],
    ],
  } as unknown as Evaluation;
  expect(errorCostOf({ labels: ['good', 'bad'], evaluation: none }, { costs }).perCase).toBe(0);
});
