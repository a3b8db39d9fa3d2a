import type { Recipe } from '@pomona/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideGrade } from './decide-grade.ts';
import { checkRecipe, defaultRecipe } from './recipe.ts';

const labels = ['good', 'ok', 'bad'];
const recipe: Recipe = {
  v: 1,
  version: 7,
  defaultGrade: 'bad',
  viewsMin: 3,
  ceilings: [
    { grade: 'good', of: 'bad', maxProbability: 0.1, elseGrade: 'ok' },
    { grade: 'ok', of: 'bad', maxProbability: 0.3, elseGrade: 'bad' },
  ],
  gates: [
    { grade: 'good', gate: 4 },
    { grade: 'ok', gate: 2 },
    { grade: 'bad', gate: 9 },
  ],
};

/** That many views of a fruit that looks clean. */
const seen = (count: number): number[][] => Array.from({ length: count }, () => [1, 0, 0]);

describe('decideGrade', () => {
  it('lowers a grade when so many single views say so, and not one fewer', () => {
    const confirmed: Recipe = {
      ...recipe,
      ceilings: [{ grade: 'good', of: 'bad', maxProbability: 0.5, elseGrade: 'bad', views: 2 }],
    };
    const rotten = [0, 0.1, 0.9];
    const grade = (views: number[][]) => decideGrade(confirmed, labels, [0.9, 0.1, 0], views).grade;
    expect(grade([...seen(6), rotten])).toBe('good');
    expect(grade([...seen(6), rotten, rotten])).toBe('bad');
  });

  it('gives the most probable grade and its gate', () => {
    expect(decideGrade(recipe, labels, [0.7, 0.25, 0.05], seen(8))).toEqual({
      grade: 'good',
      gate: 4,
      outcome: 'graded',
    });
  });

  it('gives the default grade when there are too few views', () => {
    expect(decideGrade(recipe, labels, [1, 0, 0], seen(2))).toEqual({
      grade: 'bad',
      gate: 9,
      outcome: 'unseen',
    });
    expect(decideGrade(recipe, labels, [1, 0, 0], seen(3)).outcome).toBe('graded');
    expect(decideGrade(recipe, labels, [], seen(0)).outcome).toBe('unseen');
  });

  it('lowers a grade by one ceiling, and by the next one after it', () => {
    expect(decideGrade(recipe, labels, [0.6, 0.28, 0.12], seen(8)).grade).toBe('ok');
    expect(decideGrade(recipe, labels, [0.6, 0.05, 0.35], seen(8)).grade).toBe('bad');
  });

  it('lets a probability at the ceiling pass', () => {
    expect(decideGrade(recipe, labels, [0.8, 0.1, 0.1], seen(8)).grade).toBe('good');
  });

  it('never gives a grade above a ceiling that applies, for any probabilities', () => {
    const weights = fc.array(fc.double({ min: 0.001, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(weights, (raw) => {
        const total = raw.reduce((sum, w) => sum + w, 0);
        const probabilities = raw.map((w) => w / total);
        const { grade } = decideGrade(recipe, labels, probabilities, seen(8));
        for (const ceiling of recipe.ceilings) {
          if (ceiling.grade !== grade) continue;
          expect(probabilities[labels.indexOf(ceiling.of)]).toBeLessThanOrEqual(ceiling.maxProbability);
        }
      }),
    );
  });
});

describe('checkRecipe', () => {
  const refused = (change: Partial<Recipe>, field: string) =>
    expect(() => checkRecipe({ ...recipe, ...change }, labels)).toThrow(
      expect.objectContaining({ code: 'recipe-invalid', message: expect.stringContaining(field) }),
    );

  it('accepts the default recipe of any labels', () => {
    for (const set of [['good'], ['good', 'bad'], labels, ['a', 'b', 'c', 'd', 'e']]) {
      expect(() => checkRecipe(defaultRecipe(set), set)).not.toThrow();
    }
    expect(() => checkRecipe(recipe, labels)).not.toThrow();
  });

  it('names the field that names no grade of the model', () => {
    refused({ defaultGrade: 'rotten' }, 'defaultGrade');
    refused({ ceilings: [{ ...recipe.ceilings[0]!, of: 'rotten' }] }, 'ceilings[0].of');
    refused(
      { ceilings: [recipe.ceilings[0]!, { ...recipe.ceilings[1]!, elseGrade: 'x' }] },
      'ceilings[1].elseGrade',
    );
    refused({ gates: [...recipe.gates, { grade: 'x', gate: 1 }] }, 'gates[3].grade');
  });

  it('refuses a grade with no gate or with two', () => {
    refused({ gates: recipe.gates.slice(1) }, 'no gate for "good"');
    refused({ gates: [...recipe.gates, { grade: 'good', gate: 1 }] }, 'gates[3].grade');
  });

  it('refuses ceilings that go in a circle', () => {
    const back = { grade: 'bad', of: 'good', maxProbability: 0.5, elseGrade: 'good' };
    refused({ ceilings: [...recipe.ceilings, back] }, 'elseGrade');
  });
});

describe('defaultRecipe', () => {
  it('does not sell a fruit that may well be bad as the best', () => {
    const decide = (probabilities: number[]) =>
      decideGrade(defaultRecipe(labels), labels, probabilities, seen(8)).grade;
    expect(decide([0.6, 0.1, 0.3])).toBe('ok');
    expect(decide([0.6, 0.3, 0.1])).toBe('good');
  });

  it('refuses no labels', () => {
    expect(() => defaultRecipe([])).toThrow(expect.objectContaining({ code: 'recipe-invalid' }));
  });
});
