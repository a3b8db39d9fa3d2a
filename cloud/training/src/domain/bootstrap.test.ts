import { randomInt, seededRandom } from '@pomona/wire';
import { expect, test } from 'vitest';
import { figureIntervals, meanUpperBound } from './bootstrap.ts';
import { type ConfusionFigures, confusionFigures } from './confusion-metrics.ts';
import { groupBy } from './group-by.ts';

type Cases = Parameters<typeof figureIntervals>[0];

/** Case by case, as in the book. */
function plainIntervals(cases: Cases, labelCount: number) {
  const random = seededRandom(1, 'bootstrap');
  const groups = groupBy(cases, ({ group }) => group);
  const units = groups.size >= 10 ? [...groups.values()] : cases.map((each) => [each]);
  const drawn = Array.from({ length: 400 }, () => {
    const confusion = Array.from({ length: labelCount }, () => new Array<number>(labelCount).fill(0));
    for (let i = 0; i < units.length; i++)
      for (const { label, predicted } of units[randomInt(random, units.length)]!)
        confusion[label]![predicted]!++;
    return confusionFigures(confusion);
  });
  const of = (figure: (figures: ConfusionFigures) => number | null) => {
    const values = drawn.map(figure).filter((value) => value !== null);
    if (values.length < 200) return undefined;
    values.sort((a, b) => a - b);
    return [values[Math.floor(0.025 * values.length)], values[Math.ceil((1 - 0.025) * values.length) - 1]];
  };
  const labels = Array.from({ length: labelCount }, (_, at) => at);
  return {
    accuracy: of(({ accuracy }) => accuracy),
    balancedAccuracy: of(({ balancedAccuracy }) => balancedAccuracy),
    macroF1: of(({ macroF1 }) => macroF1),
    precision: labels.map((at) => of(({ perClass }) => perClass[at]!.precision)),
    recall: labels.map((at) => of(({ perClass }) => perClass[at]!.recall)),
  };
}

/** The last label is rare, and never found. */
function casesOf(count: number, groups: number): Cases {
  const random = seededRandom(7, `${count} in ${groups}`);
  return Array.from({ length: count }, (_, at) => {
    const label = at % 50 === 0 ? 3 : randomInt(random, 3);
    return {
      label,
      predicted: random.next() < 0.7 && label < 3 ? label : randomInt(random, 3),
      group: `${randomInt(random, groups)}`,
    };
  });
}

test.each([
  ['whole groups', casesOf(300, 30)],
  ['single cases', casesOf(300, 9)],
  ['one case', casesOf(1, 1)],
])('gives the very bounds of going through all cases again and again, of %s', (_, cases) => {
  expect(figureIntervals(cases, 4)).toStrictEqual(plainIntervals(cases, 4));
});

test('bounds a mean from above by so much more the fewer cases there are, and by sessions where they are alike', () => {
  const cases = (count: number, every: number, group: (at: number) => string) =>
    Array.from({ length: count }, (_, at) => ({ value: at % every === 0 ? 1 : 0, group: group(at) }));
  const single = (at: number) => `${at}`;
  const [few, many] = [meanUpperBound(cases(100, 50, single))!, meanUpperBound(cases(2_000, 50, single))!];
  // Of the binomial distribution: 5 of 100 and 52 of 2,000.
  expect(few).toBeCloseTo(0.05, 2);
  expect(many).toBeCloseTo(0.026, 2);
  expect(meanUpperBound(cases(100, 200, single).map((each) => ({ ...each, value: 0 })))).toBe(0);
  expect(meanUpperBound([])).toBeNull();
  const alike = Array.from({ length: 2_000 }, (_, at) => ({
    value: at < 40 ? 1 : 0,
    group: `${Math.floor(at / 40)}`,
  }));
  expect(meanUpperBound(alike)!).toBeGreaterThan(2 * many);
});
