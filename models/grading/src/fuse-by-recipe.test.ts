import type { RecipeFusion } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { fuseByRecipe } from './fuse-by-recipe.ts';
import { fuseViews } from './fuse-views.ts';
import { worstHalf } from './recipe.ts';

const clean = [0.9, 0.08, 0.02];
const rotten = [0.1, 0.1, 0.8];
const close = (found: readonly number[], expected: readonly number[]) =>
  expected.forEach((p, k) => {
    expect(found[k]).toBeCloseTo(p, 9);
  });

describe('how a recipe fuses views', () => {
  it('is the mean of the log-probabilities where it says nothing, to the last digit', () => {
    const seen = [clean, rotten, clean, clean, [0.4, 0.5, 0.1]];
    expect(fuseByRecipe(undefined, seen)).toEqual(fuseViews(seen));
    expect(fuseByRecipe({ method: 'meanLogProbability' }, seen)).toEqual(fuseViews(seen));
    expect(fuseByRecipe({ method: 'weights' }, seen)).toEqual(fuseViews(seen));
  });

  it('may be the worst view, once so many are at least as bad', () => {
    const seen = [clean, rotten, clean, [0.3, 0.3, 0.4], clean];
    const worst = (confirmedBy: number, of: readonly number[][] = seen) =>
      fuseByRecipe({ method: 'worstView', confirmedBy }, of);
    close(worst(1), rotten);
    close(worst(2), [0.3, 0.3, 0.4]);
    close(worst(3), clean);
    close(worst(9, [rotten, clean]), clean);
    expect(worst(2, [])).toEqual([]);
  });

  it('may weigh views by their place and by how sure they are', () => {
    const middle: RecipeFusion = { method: 'weights', byPosition: [0, 1, 0] };
    close(fuseByRecipe(middle, [rotten, rotten, clean, clean, rotten, rotten]), clean);
    const unsure = [1 / 3, 1 / 3, 1 / 3];
    close(fuseByRecipe({ method: 'weights', certainty: 1 }, [unsure, rotten, unsure]), rotten);
    // No view counts: they count alike.
    close(fuseByRecipe({ method: 'weights', certainty: 1 }, [unsure, unsure]), unsure);
  });

  it('may weigh views from the worst to the best', () => {
    const seen = [clean, [0.4, 0.4, 0.2], rotten, clean];
    const by = (...byBadness: readonly number[]) =>
      fuseByRecipe({ method: 'weights', byBadness: [...byBadness] }, seen);
    close(by(1, 0, 0, 0), rotten);
    close(by(0, 1, 0, 0), [0.4, 0.4, 0.2]);
    close(by(0, 1), clean);
    close(by(1, 1), fuseByRecipe(undefined, seen));
    expect(by(1, 0.5, 0.5, 0)[2]).toBeGreaterThan(by(1, 1)[2]!);
  });

  it('sees by the worst half of the views what the others would drown', () => {
    const bruised = [0.2, 0.7, 0.1];
    const side = [clean, clean, clean, bruised, bruised, bruised, clean, clean];
    const likeliest = (probabilities: readonly number[]) => probabilities.indexOf(Math.max(...probabilities));
    expect(likeliest(fuseViews(side))).toBe(0);
    expect(likeliest(fuseByRecipe(worstHalf, side))).toBe(1);
    close(fuseByRecipe(worstHalf, [clean, clean, clean]), clean);
    close(fuseByRecipe(worstHalf, [bruised]), bruised);
  });

  it('may hold the areas of defects against limits, beside the views', () => {
    const seen = [
      [0.5, 0.3, 0.2],
      [0.5, 0.3, 0.2],
    ];
    const areas = {
      weight: 2,
      defect: [
        { at: 0.02, steepness: 6 },
        { at: 0.1, steepness: 6 },
      ],
      rot: { at: 0.01, steepness: 6 },
    };
    const by = (defectShare: number, rotShare: number) =>
      fuseByRecipe({ method: 'weights', areas }, seen, { defectShare, rotShare });
    expect(by(0.001, 0)[0]).toBeGreaterThan(0.7);
    expect(by(0.05, 0)[1]).toBeGreaterThan(0.7);
    expect(by(0.05, 0.04)[2]).toBeGreaterThan(0.7);
    close(
      by(0.05, 0),
      fuseByRecipe({ method: 'weights', areas, scale: 1 }, seen, { defectShare: 0.05, rotShare: 0 }),
    );
    // A fruit whose areas nobody measured is its views'.
    close(fuseByRecipe({ method: 'weights', areas }, seen), [0.5, 0.3, 0.2]);
  });

  it('may put the limits elsewhere', () => {
    const seen = [
      [0.5, 0.3, 0.2],
      [0.5, 0.3, 0.2],
    ];
    const fusion: RecipeFusion = { method: 'weights', scale: 2, shift: [0, Math.log(2), 0] };
    close(fuseByRecipe(fusion, seen), [25 / 47, 18 / 47, 4 / 47]);
    expect(fuseByRecipe({ method: 'weights', scale: 2 }, [])).toEqual([]);
  });
});
