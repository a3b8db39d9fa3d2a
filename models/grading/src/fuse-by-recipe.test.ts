import type { RecipeFusion } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { fuseByRecipe } from './fuse-by-recipe.ts';
import { fuseViews } from './fuse-views.ts';
import { worstHalf } from './recipe.ts';

const clean = [0.9, 0.08, 0.02];
const rotten = [0.1, 0.1, 0.8];
const views = (...rows: readonly number[][]) =>
  rows.map((probabilities, i) => ({ probabilities, travelMm: i * 27 }));
const close = (found: readonly number[], expected: readonly number[]) =>
  expected.forEach((p, k) => {
    expect(found[k]).toBeCloseTo(p, 9);
  });

describe('how a recipe fuses views', () => {
  it('is the mean of the log-probabilities where it says nothing, to the last digit', () => {
    const seen = views(clean, rotten, clean, clean, [0.4, 0.5, 0.1]);
    expect(fuseByRecipe(undefined, seen, 75)).toEqual(fuseViews(seen, 75));
    expect(fuseByRecipe({ method: 'meanLogProbability' }, seen, 75)).toEqual(fuseViews(seen, 75));
    expect(fuseByRecipe({ method: 'weights' }, seen, 75)).toEqual(fuseViews(seen, 75));
  });

  it('may be the worst view, once so many are at least as bad', () => {
    const seen = views(clean, rotten, clean, [0.3, 0.3, 0.4], clean);
    const worst = (confirmedBy: number, of = seen) =>
      fuseByRecipe({ method: 'worstView', confirmedBy }, of, 75);
    close(worst(1), rotten);
    close(worst(2), [0.3, 0.3, 0.4]);
    close(worst(3), clean);
    close(worst(9, views(rotten, clean)), clean);
    expect(worst(2, [])).toEqual([]);
  });

  it('may weigh views by their place and by how sure they are', () => {
    const middle: RecipeFusion = { method: 'weights', byPosition: [0, 1, 0] };
    close(fuseByRecipe(middle, views(rotten, rotten, clean, clean, rotten, rotten), 75), clean);
    const unsure = [1 / 3, 1 / 3, 1 / 3];
    close(fuseByRecipe({ method: 'weights', certainty: 1 }, views(unsure, rotten, unsure), 75), rotten);
    // No view counts: they count alike.
    close(fuseByRecipe({ method: 'weights', certainty: 1 }, views(unsure, unsure), 75), unsure);
  });

  it('may weigh views from the worst to the best', () => {
    const seen = views(clean, [0.4, 0.4, 0.2], rotten, clean);
    const by = (...byBadness: readonly number[]) =>
      fuseByRecipe({ method: 'weights', byBadness: [...byBadness] }, seen, 0);
    close(by(1, 0, 0, 0), rotten);
    close(by(0, 1, 0, 0), [0.4, 0.4, 0.2]);
    close(by(0, 1), clean);
    close(by(1, 1), fuseByRecipe(undefined, seen, 0));
    expect(by(1, 0.5, 0.5, 0)[2]).toBeGreaterThan(by(1, 1)[2]!);
  });

  it('sees by the worst half of the views what the others would drown', () => {
    const bruised = [0.2, 0.7, 0.1];
    const side = views(clean, clean, clean, bruised, bruised, bruised, clean, clean);
    const likeliest = (probabilities: readonly number[]) => probabilities.indexOf(Math.max(...probabilities));
    expect(likeliest(fuseViews(side, 75))).toBe(0);
    expect(likeliest(fuseByRecipe(worstHalf, side, 75))).toBe(1);
    close(fuseByRecipe(worstHalf, views(clean, clean, clean), 75), clean);
    close(fuseByRecipe(worstHalf, views(bruised), 75), bruised);
  });

  it('may hold the areas of defects against limits, beside the views', () => {
    const seen = views([0.5, 0.3, 0.2], [0.5, 0.3, 0.2]);
    const areas = {
      weight: 2,
      defect: [
        { at: 0.02, steepness: 6 },
        { at: 0.1, steepness: 6 },
      ],
      rot: { at: 0.01, steepness: 6 },
    };
    const by = (defectShare: number, rotShare: number) =>
      fuseByRecipe({ method: 'weights', areas }, seen, 0, { defectShare, rotShare });
    expect(by(0.001, 0)[0]).toBeGreaterThan(0.7);
    expect(by(0.05, 0)[1]).toBeGreaterThan(0.7);
    expect(by(0.05, 0.04)[2]).toBeGreaterThan(0.7);
    close(
      by(0.05, 0),
      fuseByRecipe({ method: 'weights', areas, scale: 1 }, seen, 0, { defectShare: 0.05, rotShare: 0 }),
    );
    // A fruit whose areas nobody measured is its views'.
    close(fuseByRecipe({ method: 'weights', areas }, seen, 0), [0.5, 0.3, 0.2]);
  });

  it('may put the limits elsewhere', () => {
    const seen = views([0.5, 0.3, 0.2], [0.5, 0.3, 0.2]);
    const fusion: RecipeFusion = { method: 'weights', scale: 2, shift: [0, Math.log(2), 0] };
    close(fuseByRecipe(fusion, seen, 0), [25 / 47, 18 / 47, 4 / 47]);
    expect(fuseByRecipe({ method: 'weights', scale: 2 }, [], 0)).toEqual([]);
  });
});
