import type { Recipe } from '@pomona/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adviceOn, checkDefects, checkRecipe } from './check-recipe.ts';
import { judgeFruit } from './decide-grade.ts';
import type { JudgedFruit } from './fruit-figures.ts';
import { parseRecipe } from './parse-recipe.ts';
import { defaultRecipe } from './recipe.ts';

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

function decideGrade(of: Recipe, names: readonly string[], probabilities: number[], views: number[][]) {
  const fruit = { probabilities, viewCount: views.length, views, measured: { diameterMm: 75 } };
  const { grade, gate, outcome } = judgeFruit(of, names, fruit);
  return { grade, gate, outcome };
}

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

const ruled: Recipe = {
  ...{ v: 2, version: 3, defaultGrade: 'out', viewsMin: 2, ceilings: [] },
  grades: ['first', 'second', 'out'],
  gradeOf: { good: 'first', ok: 'second', bad: 'out' },
  colours: { red: { fromHue: -40, toHue: 30 } },
  rules: [
    { name: 'small', when: { figure: 'diameterMm', below: 60 }, grade: 'out' },
    {
      name: 'pale-or-spotted',
      when: {
        any: [
          { figure: 'colourShare', colour: 'red', below: 0.5 },
          {
            all: [
              { figure: 'defectAreaMm2', above: 100 },
              { figure: 'probability', of: 'good', below: 0.95 },
            ],
          },
        ],
      },
      noBetterThan: 'second',
    },
    { name: 'oblong', when: { not: { figure: 'roundness', above: 0.8 } }, noBetterThan: 'second' },
  ],
  gates: ['first', 'second', 'out'].map((grade, gate) => ({ grade, gate })),
};
const hues = (red: number) => new Array<number>(18).fill(0).with(4, red);
const fruitOf = (change: Partial<JudgedFruit> = {}, measures: object = {}): JudgedFruit => ({
  ...{ probabilities: [0.9, 0.08, 0.02], viewCount: 8, views: seen(8) },
  measured: { diameterMm: 75, measures: { hues: hues(800), defectShare: 0, roundness: 0.95, ...measures } },
  ...change,
});

describe('the rules of a recipe', () => {
  const by = (fruit: JudgedFruit, recipe: Recipe = ruled) => {
    const { grade, rule, missing } = judgeFruit(recipe, labels, fruit);
    return [grade, rule?.name, ...missing];
  };

  it('leave alone what none of them is about', () => {
    expect(by(fruitOf())).toEqual(['first', undefined]);
    expect(by(fruitOf({ probabilities: [0.1, 0.8, 0.1] }))).toEqual(['second', undefined]);
  });

  it('decide by the first that applies: size, colour, defects that are sure enough, form', () => {
    const measured = (diameterMm: number) => ({ measured: { ...fruitOf().measured, diameterMm } });
    expect(by(fruitOf(measured(59.9)))).toEqual(['out', 'small']);
    expect(by(fruitOf(measured(60)))).toEqual(['first', undefined]);
    expect(by(fruitOf({}, { hues: hues(499) }))).toEqual(['second', 'pale-or-spotted']);
    // 100 mm² of a ball of 75 mm are 0.57 % of its skin.
    expect(by(fruitOf({}, { defectShare: 0.0057 }))).toEqual(['second', 'pale-or-spotted']);
    expect(by(fruitOf({}, { defectShare: 0.0056 }))).toEqual(['first', undefined]);
    expect(by(fruitOf({ probabilities: [0.95, 0.05, 0] }, { defectShare: 0.02 }))).toEqual([
      'first',
      undefined,
    ]);
    expect(by(fruitOf({}, { roundness: 0.8 }))).toEqual(['second', 'oblong']);
  });

  it('raise no fruit: a cap is passed over where the grade is no better', () => {
    expect(by(fruitOf({ probabilities: [0, 0.1, 0.9] }, { roundness: 0.5 }))).toEqual(['out', undefined]);
  });

  it('say what was not measured where the answer hangs on it, and only there', () => {
    const bare = fruitOf({ measured: { diameterMm: 75 } });
    expect(by(bare)).toEqual(['first', undefined, 'colourShare', 'defectAreaMm2', 'roundness']);
    expect(by(fruitOf({ measured: { diameterMm: 50 } }))).toEqual(['out', 'small']);
    expect(by({ ...bare, probabilities: [0, 0, 1] })).toEqual(['out', undefined]);
    expect(by({ ...bare, viewCount: 1 })).toEqual(['out', undefined]);
  });

  it('cannot be without the views where a ceiling counts them', () => {
    const ceilings = [{ grade: 'good', of: 'bad', maxProbability: 0.5, elseGrade: 'bad', views: 2 }];
    const fruit = fruitOf({ views: undefined });
    expect(judgeFruit({ ...recipe, ceilings }, labels, fruit).missing).toEqual(['viewProbabilities']);
  });
});

describe('the costs of a recipe', () => {
  const costs = { good: { good: 0, bad: 1 }, bad: { good: 9, bad: 0 } };
  const priced: Recipe = {
    ...{ v: 2, version: 1, defaultGrade: 'bad', viewsMin: 1, ceilings: [], costs },
    gates: [
      { grade: 'good', gate: 0 },
      { grade: 'bad', gate: 1 },
    ],
  };

  it('give the grade that is cheapest to be wrong with, and the better of two as cheap', () => {
    const grade = (bad: number) =>
      judgeFruit(priced, ['good', 'bad'], fruitOf({ probabilities: [1 - bad, bad] })).grade;
    expect([0, 0.0999, 0.1001, 0.5, 1].map(grade)).toEqual(['good', 'good', 'bad', 'bad', 'bad']);
    const even = { ...priced, costs: { good: { good: 1, bad: 1 }, bad: { good: 1, bad: 1 } } };
    expect(judgeFruit(even, ['good', 'bad'], fruitOf({ probabilities: [0, 1] })).grade).toBe('good');
  });
});

const areasFrom = (...limits: readonly number[]) => ({
  weight: 1,
  defect: limits.map((at) => ({ at, steepness: 8 })),
});

describe('a recipe that somebody wrote', () => {
  /** What is said of the recipe with one change, or that it is right. */
  const said = (change: object, of: Recipe = ruled): string => {
    try {
      const parsed = parseRecipe(JSON.parse(JSON.stringify({ ...of, ...change })));
      checkRecipe(parsed, labels);
      return 'right';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const when = (condition: object) => ({ rules: [{ name: 'r', when: condition, grade: 'out' }] });

  it.each([
    [{}, 'right'],
    [{ v: 3 }, 'recipe v: expected 1 or 2, and it is 3'],
    [{ viewsMin: '2' }, 'recipe viewsMin: expected a whole number, and it is "2"'],
    [{ gates: undefined }, 'recipe document: it needs gates'],
    [when({ figure: 'size', below: 1 }), 'recipe rules[0].when.figure: expected one of diameterMm, '],
    [
      when({ figure: 'diameterMm', below: '60' }),
      'recipe rules[0].when.below: expected a number, and it is "60"',
    ],
    [when({ figure: 'diameterMm', under: 60 }), 'recipe rules[0].when.under: there is no such field'],
    [when({ figure: 'diameterMm' }), 'recipe rules[0].when: diameterMm is compared with nothing'],
    [when({}), 'recipe rules[0].when: it says nothing'],
    [
      when({ all: [{ figure: 'views', below: 3 }], figure: 'views', below: 3 }),
      'recipe rules[0].when: it has figure and all',
    ],
    [
      when({ not: { figure: 'views', below: 3 }, above: 2 }),
      'recipe rules[0].when.above: it belongs to a figure',
    ],
    [when({ any: [{ figure: 'probability', above: 0.5 }] }), 'recipe rules[0].when.any[0].of: it is missing'],
    [
      when({ figure: 'probability', of: 'first', above: 0.5 }),
      'recipe rules[0].when.of: there is no "first"',
    ],
    [
      when({ figure: 'colourShare', colour: 'blue', above: 0.5 }),
      'recipe rules[0].when.colour: there is no "blue"',
    ],
    [
      when({ figure: 'views', of: 'good', above: 5 }),
      'recipe rules[0].when.of: this figure has no such part',
    ],
    [
      { rules: [{ name: 'r', when: { figure: 'views', below: 3 } }] },
      'recipe rules[0]: it gives no grade, or two',
    ],
    [{ rules: [...ruled.rules!, ruled.rules![0]] }, 'recipe rules[3].name: "small" is there twice'],
    [{ gradeOf: { good: 'first', ok: 'second' } }, 'recipe gradeOf: nothing says which grade "bad" is'],
    [{ gradeOf: { ...ruled.gradeOf, rotten: 'out' } }, 'recipe gradeOf.rotten: "rotten" is no label'],
    [{ grades: ['first', 'out', 'first'] }, 'recipe grades[2]: "first" is there twice'],
    [{ costs: { good: { first: 0 } } }, 'recipe gradeOf: costs decide already'],
    [{ gradeOf: undefined, costs: { good: { first: 0 } } }, 'recipe costs.ok: it is missing'],
    [{ fusion: { method: 'median' } }, 'recipe fusion.method: expected one of meanLogProbability, '],
    [{ fusion: { method: 'weights', confirmedBy: 2 } }, 'recipe fusion.confirmedBy: weights knows no such'],
    [
      { fusion: { method: 'worstView', certainty: 1 } },
      'recipe fusion.certainty: worstView knows no weights',
    ],
    [{ fusion: { method: 'weights', byPosition: [0, 0] } }, 'recipe fusion.byPosition: no view would count'],
    [{ fusion: { method: 'weights', byBadness: [0] } }, 'recipe fusion.byBadness: no view would count'],
    [
      { fusion: { method: 'meanLogProbability', shift: [0, 1, 1] } },
      'recipe fusion.shift: meanLogProbability knows no weights',
    ],
    [{ fusion: { method: 'weights', shift: [0, 1] } }, 'recipe fusion.shift: it has 2 numbers for 3 labels'],
    [
      { fusion: { method: 'worstView', areas: areasFrom(0.02, 0.1) } },
      'recipe fusion.areas: worstView knows no weights',
    ],
    [
      { fusion: { method: 'weights', areas: areasFrom(0.02) } },
      'recipe fusion.areas.defect: it has 1 limit for 3 labels',
    ],
    [
      { fusion: { method: 'weights', areas: areasFrom(0.02, 0.02) } },
      'recipe fusion.areas.defect[1].at: 0.02 is not above the limit before it',
    ],
    [
      { fusion: { method: 'weights', areas: areasFrom(0, 0.02) } },
      'recipe fusion.areas.defect[0].at: must be >= 0.00001',
    ],
    [{ colours: { red: { fromHue: 5, toHue: 30 } } }, 'recipe colours.red.fromHue: 5 lies between two bins'],
    [{ colours: { red: { fromHue: 30, toHue: 30 } } }, 'recipe colours.red.toHue: 30 is not above'],
    [{ ruels: [] }, 'recipe ruels: there is no such field'],
    [{ v: 1 }, 'recipe grades: a recipe with "v": 1 has no such field'],
    [{ gates: ruled.gates.slice(1) }, 'recipe gates: no gate for "first"'],
  ])('with %j is said to be wrong there', (change, expected) => {
    expect(said(change).slice(0, expected.length)).toBe(expected);
  });

  it('of the first version is what it was, whatever else stands in it', () => {
    expect(said({ comment: 'by hand' }, recipe)).toBe('right');
    expect(said({}, defaultRecipe(labels))).toBe('right');
  });

  it('may ask for defects only of a model that draws them', () => {
    expect(() => checkDefects(ruled, true)).not.toThrow();
    expect(() => checkDefects(ruled, false)).toThrow('recipe rules[1].when: it asks for defects');
    expect(() => checkDefects(recipe, false)).not.toThrow();
    const fusion = { method: 'weights' as const, areas: areasFrom(0.02, 0.1) };
    expect(() => checkDefects({ ...recipe, fusion }, false)).toThrow(
      'recipe fusion.areas: it asks for defects',
    );
  });

  it('is told of a rule that hides a lower one', () => {
    expect(adviceOn(ruled, labels)).toEqual([]);
    const rules = ruled.rules!.toReversed();
    expect(adviceOn({ ...ruled, rules }, labels)).toEqual([
      expect.stringContaining('rules[0] (oblong) stands before small'),
      expect.stringContaining('rules[1] (pale-or-spotted) stands before small'),
    ]);
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
