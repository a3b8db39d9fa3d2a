import { defaultRecipe } from '@pomona/grading';
import type { Recipe } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { explainGrade } from './explain-grade.ts';

const labels = ['good', 'ok', 'bad'];
const recipe = defaultRecipe(labels);
const sound = [0.9, 0.06, 0.04];
const spotted = [0.2, 0.1, 0.7];
const explain = (
  grade: string,
  probabilities: number[],
  views = [sound, sound],
  change: Partial<Parameters<typeof explainGrade>[2]> = {},
) =>
  explainGrade(
    recipe,
    labels,
    { grade, outcome: 'graded', probabilities, diameterMm: 58.24, ...change },
    views,
  ).replaceAll('\u00a0', ' ');

describe('the reason of a grade', () => {
  it.each([
    ['looks bad (70 %)', explain('bad', spotted)],
    ['2 of 3 views look bad', explain('bad', [0.6, 0.25, 0.15], [spotted, sound, spotted])],
    ['25 % bad, at most 20 % may be for good', explain('ok', [0.6, 0.15, 0.25])],
    ['seen once, 2 needed', explain('bad', sound, [sound], { outcome: 'unseen' })],
    ['decided too late for its gate', explain('bad', sound, [sound], { outcome: 'late' })],
    ['grading was paused', explain('bad', sound, [sound], { outcome: 'unseen', paused: true })],
  ])('%s', (expected, said) => expect(said).toBe(expected));

  it('is said of a single view in the singular', () => {
    const strict = {
      ...recipe,
      viewsMin: 1,
      ceilings: recipe.ceilings.map((each) => ({ ...each, views: 1 })),
    };
    const fruit = { outcome: 'graded' as const, probabilities: [0.6, 0.25, 0.15], diameterMm: 58.24 };
    expect(explainGrade(strict, labels, { grade: 'bad', ...fruit }, [spotted])).toBe('its view looks bad');
  });

  it('is the rule that decided, with what it compared', () => {
    const ruled: Recipe = {
      ...{ ...recipe, v: 2 },
      grades: ['first', 'out'],
      gates: ['first', 'out'].map((grade, gate) => ({ grade, gate })),
      defaultGrade: 'out',
      ceilings: [],
      gradeOf: { good: 'first', ok: 'first', bad: 'out' },
      rules: [
        {
          name: 'small-or-spotted',
          when: {
            any: [
              { figure: 'diameterMm', below: 60 },
              { figure: 'defectAreaMm2', above: 100 },
            ],
          },
          grade: 'out',
        },
      ],
    };
    const said = (diameterMm: number) =>
      explainGrade(
        ruled,
        labels,
        {
          grade: 'out',
          outcome: 'graded',
          probabilities: sound,
          diameterMm,
          measures: { defectShare: 0.005 },
        },
        [sound, sound],
      ).replaceAll('\u00a0', ' ');
    expect(said(58.24)).toBe('diameter 58.2 mm, defects 53 mm² (small-or-spotted)');
    expect(said(75)).toBe('looks good (90 %)');
  });
});
