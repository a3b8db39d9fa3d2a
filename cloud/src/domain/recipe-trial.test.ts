import { defaultRecipe, packViews } from '@pomona/grading';
import type { FruitMeasures, Recipe } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import type { GradedFruit } from './feature-rows.ts';
import { RecipeTrial } from './recipe-trial.ts';

const labels = ['good', 'ok', 'bad'];
const clean = [0.9, 0.08, 0.02];
const rotten = [0.05, 0.05, 0.9];
let seq = 0;

/** Graded by the default recipe: good where nothing else is said. */
function fruit(change: Partial<GradedFruit> = {}): GradedFruit {
  return {
    ...{ id: ++seq, seq, boot: '0123456789abcdef', station: 'left' },
    ...{ at: '2026-01-01T00:00:00.000Z', receivedAt: '2026-01-01T00:00:01.000Z' },
    release: { name: 'apples', version: 1, digest: 'a'.repeat(64) },
    ...{ recipeVersion: 1, labels, lane: 0, positionMm: 1, grade: 'good', gate: 0, outcome: 'graded' },
    ...{ probabilities: clean, views: 8, diameterMm: 75, colour: [200, 60, 50], latencyMs: 10 },
    ...change,
  };
}
const measures = (change: FruitMeasures): Partial<GradedFruit> => ({ measures: change });

function trialOf(recipe: Recipe, ...fruits: readonly GradedFruit[]) {
  const trial = new RecipeTrial(recipe);
  for (const each of fruits) trial.add(each);
  return trial.counts();
}
const ruled: Recipe = {
  ...defaultRecipe(labels, 2),
  ...{ v: 2, ceilings: [] },
  rules: [
    { name: 'small', when: { figure: 'diameterMm', below: 65 }, noBetterThan: 'ok' },
    { name: 'spotted', when: { figure: 'defectShare', above: 0.01 }, noBetterThan: 'bad' },
  ],
};

describe('a recipe tried on stored fruits', () => {
  it('says what would have changed, from what to what, where, by which rule', () => {
    const found = trialOf(
      ruled,
      fruit(measures({ defectShare: 0 })),
      fruit({ ...measures({ defectShare: 0.02 }), station: 'right' }),
      fruit({ diameterMm: 60, ...measures({ defectShare: 0 }) }),
      fruit({ grade: 'bad', gate: 2, probabilities: rotten }),
    );
    expect(found).toMatchObject({
      ...{ fruits: 4, judged: 4, changed: 2, changedShare: 0.5, gateChanged: 2 },
      stations: [
        { station: 'left', judged: 3, changed: 1, unmeasured: 0 },
        { station: 'right', judged: 1, changed: 1, unmeasured: 0 },
      ],
      rules: [
        { rule: 'small', fruits: 1 },
        { rule: 'spotted', fruits: 1 },
      ],
    });
    expect(found.confusion).toHaveLength(4);
    expect(found.confusion).toContainEqual({ before: 'good', after: 'bad', fruits: 1 });
    expect(found.examples).toMatchObject([
      { before: 'good', after: 'bad', station: 'right', rule: 'spotted' },
      { before: 'good', after: 'ok', station: 'left', rule: 'small', diameterMm: 60 },
    ]);
  });

  it('says of each example what decided: a rule, a ceiling, too few views, or the probabilities alone', () => {
    const recipe: Recipe = {
      ...ruled,
      viewsMin: 3,
      ceilings: [
        { grade: 'good', of: 'bad', maxProbability: 0.01, elseGrade: 'ok' },
        { grade: 'ok', of: 'bad', maxProbability: 0.4, elseGrade: 'bad', views: 2 },
      ],
    };
    const known = { defectShare: 0 };
    const twoRotten = packViews([rotten, rotten, clean])!;
    const { examples } = trialOf(
      recipe,
      fruit({ ...measures({ defectShare: 0.02, views: packViews([clean])! }) }),
      fruit({ probabilities: [0.8, 0.18, 0.02], ...measures({ ...known, views: packViews([clean])! }) }),
      fruit({ grade: 'ok', ...measures({ ...known, views: twoRotten }) }),
      fruit({ views: 2 }),
      fruit({ probabilities: rotten, ...measures({ ...known, views: twoRotten }) }),
    );
    expect(examples.map((example) => `${example.after}: ${example.decidedBy}`)).toEqual([
      'bad: rule spotted',
      'ok: ceiling: bad above 1 %',
      'bad: ceiling: bad above 40 % in 2 views',
      'bad: too few views',
      'bad: the likeliest label',
    ]);
  });

  it('does not pass over what was not measured: it counts by figure, and not as judged', () => {
    const found = trialOf(
      ruled,
      fruit(),
      fruit(),
      fruit({ diameterMm: 60 }),
      fruit({ probabilities: rotten }),
    );
    expect(found).toMatchObject({
      ...{ fruits: 4, judged: 2 },
      unmeasured: { fruits: 2, figures: [{ figure: 'defectShare', fruits: 2 }] },
      stations: [{ station: 'left', judged: 2, unmeasured: 2 }],
    });
  });

  it('leaves out what no recipe decided, and what is of other labels', () => {
    const found = trialOf(
      ruled,
      fruit({ outcome: 'late' }),
      fruit({ outcome: 'paused' }),
      fruit({ labels: ['fine', 'poor'], probabilities: [0.5, 0.5] }),
      fruit({ outcome: 'unseen', views: 1, grade: 'bad', gate: 2 }),
    );
    expect(found).toMatchObject({
      ...{ fruits: 4, judged: 1, changed: 0, undecided: 2 },
      unfit: { fruits: 1, reason: expect.stringContaining('"bad" is no grade here') },
    });
    expect(trialOf(ruled).changedShare).toBeNull();
  });

  it('fuses anew from the views where the recipe does it another way, and says so where they were not kept', () => {
    const worst: Recipe = { ...ruled, rules: [], fusion: { method: 'worstView', confirmedBy: 2 } };
    const views = packViews([clean, rotten, clean, rotten, clean])!;
    const one = packViews([clean, rotten, clean, clean, clean])!;
    const found = trialOf(worst, fruit(measures({ views })), fruit(measures({ views: one })), fruit());
    expect(found).toMatchObject({
      ...{ judged: 2, changed: 1 },
      unmeasured: { fruits: 1, figures: [{ figure: 'viewProbabilities', fruits: 1 }] },
    });
    // And back: what the worst view decided then is no mean.
    const back = fruit({
      ...measures({ views, turns: 1, fusion: 'worstView' }),
      probabilities: rotten,
      grade: 'bad',
    });
    expect(trialOf({ ...ruled, rules: [] }, back).confusion).toEqual([
      { before: 'bad', after: 'good', fruits: 1 },
    ]);
  });

  it('holds the areas of the record against the recipe’s limits, and says so where they were not measured', () => {
    const defect = [0.02, 0.1].map((at) => ({ at, steepness: 8 }));
    const areas = { weight: 1, defect, rot: { at: 0.01, steepness: 8 } };
    const limited: Recipe = { ...ruled, rules: [], fusion: { method: 'weights', areas } };
    const views = packViews([clean, clean])!;
    const found = trialOf(
      limited,
      fruit(measures({ views, turns: 1, defectShare: 0.001, rotShare: 0 })),
      fruit(measures({ views, turns: 1, defectShare: 0.06, rotShare: 0.05 })),
      fruit(measures({ views, turns: 1, defectShare: 0.001 })),
      fruit({ views: 0, probabilities: [], grade: 'bad', gate: 2, outcome: 'unseen' }),
    );
    expect(found).toMatchObject({
      ...{ fruits: 4, judged: 3, changed: 1 },
      unmeasured: { fruits: 1, figures: [{ figure: 'rotShare', fruits: 1 }] },
    });
    expect(found.confusion).toContainEqual({ before: 'good', after: 'bad', fruits: 1 });
  });

  it('keeps few examples, however many fruits there are', () => {
    const many = Array.from({ length: 200 }, () => fruit({ diameterMm: 60 }));
    expect(trialOf(ruled, ...many).examples).toHaveLength(5);
  });
});
