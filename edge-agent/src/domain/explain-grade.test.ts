import { defaultRecipe } from '@pomona/grading';
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
  explainGrade(recipe, labels, { grade, outcome: 'graded', probabilities, ...change }, views).replaceAll(
    '\u00a0',
    ' ',
  );

describe('the reason of a grade', () => {
  it.each([
    ['looks bad (70 %)', explain('bad', spotted)],
    ['2 of 3 views look bad', explain('bad', [0.6, 0.25, 0.15], [spotted, sound, spotted])],
    ['25 % bad, at most 20 % may be for good', explain('ok', [0.6, 0.15, 0.25])],
    ['seen once, 2 needed', explain('bad', sound, [sound], { outcome: 'unseen' })],
    ['decided too late for its gate', explain('bad', sound, [sound], { outcome: 'late' })],
    ['grading was paused', explain('bad', sound, [sound], { outcome: 'unseen', paused: true })],
  ])('%s', (expected, said) => expect(said).toBe(expected));
});
