import { expect, it } from 'vitest';
import { gatesWithoutOutlet } from './gates-without-outlet.ts';

const recipe = { gates: [0, 1, 2, 2, 4].map((gate, i) => ({ grade: `g${i}`, gate })) };
const outputs = (...gates: number[]) => gates.map((gate) => ({ gate }));

it('fruit of two gates without an outlet travels on together, of one it goes straight on', () => {
  expect(gatesWithoutOutlet(outputs(1, 2), recipe, 2)).toEqual([0, 4]);
  expect(gatesWithoutOutlet(outputs(1, 2, 4), recipe, 2)).toEqual([]);
  expect(gatesWithoutOutlet(outputs(0, 1, 2, 4), recipe, 2)).toEqual([]);
  expect(gatesWithoutOutlet([], { gates: [{ grade: 'all', gate: 3 }] }, 2)).toEqual([]);
  // An outlet of one lane serves no other.
  const second = [...outputs(1, 2), { gate: 4, lane: 0 }];
  expect(gatesWithoutOutlet(second, recipe, 2)).toEqual([0, 4]);
  expect(gatesWithoutOutlet(second, recipe, 1)).toEqual([]);
});
