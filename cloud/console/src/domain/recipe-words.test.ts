import type { Recipe } from '@pomona/wire';
import { expect, test } from 'vitest';
import { ceilingWords, colourWords, conditionWords, firstGradeWords, ruleWords } from './recipe-words.ts';

const recipe: Recipe = {
  ...{ v: 2, version: 3, defaultGrade: 'bad', viewsMin: 2, ceilings: [] },
  gates: [{ grade: 'good', gate: 0 }],
};

test('says a limit in the unit of the work, and where it comes from', () => {
  expect(
    ruleWords({
      name: 'colour',
      when: { figure: 'colourShare', colour: 'red', below: 0.66 },
      noBetterThan: 'us-fancy',
      source: '7 CFR 51.305',
    }),
  ).toEqual({
    text: 'Where the share of the skin that is red is below 66 %: no better than us-fancy',
    source: '7 CFR 51.305',
  });
  expect(ruleWords({ name: 'x', when: { figure: 'defectAreaMm2', above: 198 }, grade: 'cull' }).text).toBe(
    'Where the area of defects is above 198 mm²: cull',
  );
});

test('keeps what belongs together in brackets', () => {
  expect(
    conditionWords({
      all: [
        { figure: 'diameterMm', atLeast: 60, below: 65 },
        {
          any: [{ figure: 'views', below: 3 }, { not: { figure: 'probability', of: 'bad', atMost: 0.125 } }],
        },
      ],
    }),
  ).toBe(
    'the diameter is below 65 mm and is at least 60 mm and (the number of pictures is below 3 or not (the probability of bad is at most 12.5 %))',
  );
});

test('says how the pictures become a first grade, and what keeps a fruit from it', () => {
  expect(firstGradeWords(recipe).map(({ text }) => text)).toEqual([
    'bad with fewer than 2 pictures, or when the decision comes too late',
    'The pictures’ probabilities are averaged',
    'The likeliest grade is taken',
  ]);
  const priced = firstGradeWords({
    ...recipe,
    fusion: { method: 'worstView', confirmedBy: 2 },
    costs: { bad: { good: 8, bad: 0 } },
    sources: { viewsMin: 'one shows half', defaultGrade: 'no guess', costs: 'our books' },
  });
  expect(priced).toContainEqual({ text: 'The worst picture counts that 2 are at least as bad as' });
  const fusedBy = (fusion: NonNullable<Recipe['fusion']>) => firstGradeWords({ ...recipe, fusion })[1]?.text;
  expect(fusedBy({ method: 'weights', byBadness: [1, 0] })).toBe(
    'The worse half of the pictures counts, their probabilities averaged',
  );
  expect(fusedBy({ method: 'weights', byBadness: [1, 0], certainty: 1 })).toBe(
    'The pictures count by weights',
  );
  expect(priced).toContainEqual({ text: 'What is truly bad costs 8 as good, 0 as bad' });
  expect(priced[0]).toMatchObject({ source: 'one shows half. no guess' });
  expect(priced[2]).toMatchObject({ source: 'our books' });
  const ceiling = { grade: 'good', of: 'bad', maxProbability: 0.5, elseGrade: 'ok', views: 2 };
  expect(ceilingWords({ ...ceiling, source: 'our books' })).toEqual({
    text: 'Not good but ok where 2 pictures have a probability of bad above 50 %',
    source: 'our books',
  });
  expect(colourWords({ ...recipe, colours: { red: { fromHue: -40, toHue: 30 } } })[0]?.text).toBe(
    'red: hues from -40° to 30°',
  );
});
