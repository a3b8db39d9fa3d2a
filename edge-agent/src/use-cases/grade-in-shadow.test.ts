import { defaultRecipe } from '@pomona/grading';
import type { Recipe } from '@pomona/wire';
import { expect, it } from 'vitest';
import type { OfferedFruit } from '../domain/shadow-messages.ts';
import type { ViewModel } from '../domain/view-model.ts';
import { gradeInShadow } from './grade-in-shadow.ts';

const labels = ['good', 'bad'];
const cells = 2;
const good = Float32Array.from([0.9, 0.1]);
const plain = defaultRecipe(labels);
/** What is a tenth defect is bad, whatever the views say. */
const byAreas: Recipe = {
  ...plain,
  fusion: { method: 'weights', areas: { weight: 10, defect: [{ at: 0.1, steepness: 50 }] } },
};
/** Bad is what is rotten by a hundredth. */
const byRot: Recipe = {
  ...plain,
  rules: [{ name: 'rot', when: { figure: 'rotShare', above: 0.01 }, grade: 'bad' }],
};

/** Four views that look good; what the champion measured has half of the skin rotten. */
function fruit(given: Partial<OfferedFruit> = {}): OfferedFruit {
  return {
    ...{ place: 0, since: 1, seq: 1, lane: 0, at: '2026-01-01T00:00:00.000Z' },
    ...{ grade: 'bad', probabilities: [0.9, 0.1] },
    ...{ diameterMm: 75, measures: { roundness: 1, defectShare: 0.5, rotShare: 0.5 } },
    views: [0, 50, 100, 150].map((travelMm) => ({ travelMm, probabilities: good })),
    ...given,
  };
}

/** Says good of every view; `share` of each cell is defect and rot, where it draws a map. */
function model(share?: number): ViewModel {
  const views = 4;
  const defects =
    share === undefined ? undefined : { cells, map: new Float32Array(views * cells ** 2 * 2).fill(share) };
  return {
    ...{ labels, inputSize: 8, capacity: views, crops: new Uint8Array(views * 8 * 8 * 3), defects },
    run: async (count) => Float32Array.from(Array.from({ length: count }, () => [...good]).flat()),
    release: async () => {},
  };
}

it('grades again by the areas that the champion measured, where its recipe has limits of them', async () => {
  const { champion } = await gradeInShadow(fruit({ recipe: byAreas }), model(), plain, labels);
  expect(champion).toBe('bad');
});

it('holds what the candidate measures against its limits, and nothing that the champion measured', async () => {
  const candidateOf = async (share: number | undefined, recipe: Recipe) =>
    (await gradeInShadow(fruit(), model(share), recipe, labels)).candidate;
  expect(await candidateOf(0, byAreas)).toBe('good');
  expect(await candidateOf(0.9, byAreas)).toBe('bad');
  expect(await candidateOf(0, byRot)).toBe('good');
  expect(await candidateOf(0.9, byRot)).toBe('bad');
});
