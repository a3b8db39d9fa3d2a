import { expect, test } from 'vitest';
import { evaluationOf } from './evaluation.ts';
import { fittedTemperature, meanLoss } from './temperature.ts';

const sure = (label: number, predicted: number, group: string) => ({
  logits: [0, 1, 2].map((at) => (at === predicted ? 9 : 0)),
  label,
  group,
  images: 1,
});

test('counts what was taken for what, by class and by group', () => {
  const cases = [sure(0, 0, 'a'), sure(0, 1, 'a'), sure(1, 1, 'b'), sure(1, 1, 'b')];
  const evaluation = evaluationOf(cases, ['good', 'ok', 'bad'], 'image');
  expect(evaluation.confusion).toEqual([
    [1, 1, 0],
    [0, 2, 0],
    [0, 0, 0],
  ]);
  expect(evaluation.accuracy).toBe(0.75);
  // Classes that nobody tested count in no mean.
  expect(evaluation.balancedAccuracy).toBe(0.75);
  expect(evaluation.macroF1).toBeCloseTo((2 / 3 + 4 / 5) / 2);
  expect(evaluation.perClass[2]).toEqual({
    label: 'bad',
    precision: null,
    recall: null,
    f1: null,
    support: 0,
  });
  expect(evaluation.byGroup).toEqual([
    { group: 'a', images: 2, accuracy: 0.5 },
    { group: 'b', images: 2, accuracy: 1 },
  ]);
  // Confidence is nearly 1 throughout, a quarter of it wrong.
  expect(evaluation.ece).toBeCloseTo(0.25, 2);
});

test('a temperature above 1 makes an overconfident network honest', () => {
  const cases = Array.from({ length: 100 }, (_, at) => ({ logits: [8, 0], label: at % 5 === 0 ? 1 : 0 }));
  const temperature = fittedTemperature(cases);
  // Four in five are right: log(4) is the honest logit.
  expect(8 / temperature).toBeCloseTo(Math.log(4), 3);
  expect(meanLoss(cases, temperature)).toBeLessThan(meanLoss(cases));
});

test('tells the calibration error before calibration from that after it', () => {
  const cases = Array.from({ length: 100 }, (_, at) => ({
    ...{ rawLogits: [8, 0], logits: [Math.log(4), 0], label: at % 5 === 0 ? 1 : 0, group: 'a', images: 1 },
  }));
  const { ece, rawEce } = evaluationOf(cases, ['good', 'bad'], 'image');
  expect(ece).toBeCloseTo(0, 6);
  expect(rawEce).toBeCloseTo(0.2, 2);
});
