import { expect, test } from 'vitest';
import { evidenceTint } from './evidence-tint.ts';

const explanation = {
  ...{ rows: 1, columns: 3 },
  byLabel: [
    { label: 'good', evidence: [2, -1, 0], elsewhere: 0 },
    { label: 'bad', evidence: [-2, 4, 0], elsewhere: 0 },
  ],
};
const cellsOf = (label: string) => {
  const tint = [...evidenceTint(explanation, label)];
  return [0, 1, 2].map((cell) => tint.slice(cell * 4, cell * 4 + 4));
};

test('is orange where a cell speaks for a label, blue where against it, and deeper the stronger', () => {
  const [first, second, third] = cellsOf('bad');
  expect(first?.slice(0, 3)).toEqual([30, 110, 255]);
  expect(second?.slice(0, 3)).toEqual([255, 140, 0]);
  expect(second?.[3]).toBe(178);
  expect(first?.[3]).toBe(126);
  expect(third?.[3]).toBe(0);
});

test('has one scale for all labels', () => {
  expect(cellsOf('good')[0]?.[3]).toBe(cellsOf('bad')[0]?.[3]);
});

test('is nothing of an unknown label, and clear where no cell says anything', () => {
  expect(evidenceTint(explanation, 'ok')).toHaveLength(0);
  const flat = {
    ...explanation,
    byLabel: [{ label: 'good', evidence: [0, 0, 0], elsewhere: 1 }],
  };
  expect(Math.max(...evidenceTint(flat, 'good'))).toBe(0);
});
