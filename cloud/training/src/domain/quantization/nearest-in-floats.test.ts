import { expect, test } from 'vitest';
import { nearestInFloats } from './nearest-in-floats.ts';

/** By layers in floats; none at first. */
function nearestOf(agreements: readonly number[]) {
  const tried: number[] = [];
  const graphs = agreements.map((agreement, inFloat) => ({ inFloat, agreement }));
  const { inFloat } = nearestInFloats(graphs[0]!, agreements.length, 0.98, (count) => {
    tried.push(count);
    return graphs[count]!;
  });
  return { inFloat, tried };
}

test('gives no layer back to floats where the quantized graph is near enough', () => {
  expect(nearestOf([0.98, 1])).toEqual({ inFloat: 0, tried: [] });
});

test('stops at the first graph that is near enough', () => {
  expect(nearestOf([0.9, 0.95, 0.99, 1])).toEqual({ inFloat: 2, tried: [1, 2] });
});

test('keeps the nearest graph where none is near enough, and of two as near the one with fewer floats', () => {
  expect(nearestOf([0.9, 0.96, 0.93, 0.96])).toEqual({ inFloat: 1, tried: [1, 2, 3] });
  expect(nearestOf([0.9, 0.8, 0.9])).toEqual({ inFloat: 0, tried: [1, 2] });
});
