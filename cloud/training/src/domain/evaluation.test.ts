import { expect, test } from 'vitest';
import { accuracyOf, balancedAccuracyOf, evaluationOf, expectedCalibrationError } from './evaluation.ts';
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
    ...{ label: 'bad', precision: null, recall: null, f1: null, support: 0 },
    ...{ auc: null, averagePrecision: null },
  });
  expect(evaluation.byGroup).toEqual([
    { group: 'a', images: 2, accuracy: 0.5, support: [2, 0, 0], recall: [0.5, null, null] },
    { group: 'b', images: 2, accuracy: 1, support: [0, 2, 0], recall: [null, 1, null] },
  ]);
  // Confidence is nearly 1 throughout, a quarter of it wrong.
  expect(evaluation.ece).toBeCloseTo(0.25, 2);
});

test('gives single figures without the rest of an evaluation, and the very same', () => {
  const cases = [sure(0, 0, 'a'), sure(0, 1, 'a'), sure(1, 1, 'b'), sure(2, 0, 'b'), sure(2, 2, 'b')];
  const whole = evaluationOf(cases, ['good', 'ok', 'bad'], 'image');
  expect(accuracyOf(cases)).toBe(whole.accuracy);
  expect(balancedAccuracyOf(cases, 3)).toBe(whole.balancedAccuracy);
  expect(expectedCalibrationError(cases)).toBe(whole.ece);
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

test('bounds its figures, wider where there are fewer cases', () => {
  const of = (count: number) =>
    evaluationOf(
      Array.from({ length: count }, (_, at) => sure(at % 2, at % 10 === 0 ? 1 : at % 2, `${at}`)),
      ['good', 'ok', 'bad'],
      'image',
    );
  const [few, many] = [of(40), of(1_000)];
  for (const { intervals, accuracy, perClass } of [few, many]) {
    const [low, high] = intervals!.accuracy;
    expect(low).toBeLessThan(accuracy);
    expect(high).toBeGreaterThan(accuracy);
    expect(perClass[0]!.recallInterval![0]).toBeLessThan(perClass[0]!.recall!);
    expect(perClass[2]!.recallInterval).toBeUndefined();
  }
  const width = ({ intervals }: typeof few) => intervals!.accuracy[1] - intervals!.accuracy[0];
  expect(width(few)).toBeGreaterThan(3 * width(many));
  // One session more or less is all that decides: images of a session are alike.
  const alike = evaluationOf(
    Array.from({ length: 1_000 }, (_, at) => sure(at % 2, at % 20 < 2 ? 1 : at % 2, `${at % 20}`)),
    ['good', 'ok', 'bad'],
    'image',
  );
  expect(width(alike)).toBeGreaterThan(3 * width(many));
});

test('tells the gap between groups only where both have a hundred cases of the grade', () => {
  const group = (name: string, count: number, right: number) =>
    Array.from({ length: count }, (_, at) => sure(0, at < right ? 0 : 1, name));
  const { recallGaps } = evaluationOf(
    [...group('a', 100, 90), ...group('b', 200, 100), ...group('c', 99, 0), sure(1, 1, 'a')],
    ['good', 'ok', 'bad'],
    'image',
  );
  expect(recallGaps![0]).toEqual({ label: 'good', groups: 2, gap: 0.4, worst: 'b' });
  expect(recallGaps![1]).toEqual({ label: 'ok', groups: 0, gap: null, worst: null });
});

test('tells gaps between varieties, sessions and stations too, where more than one is known', () => {
  const of = (known: { variety?: string; station?: string }, right: number) =>
    Array.from({ length: 100 }, (_, at) => ({ ...sure(0, at < right ? 0 : 1, `${at}`), known }));
  const { recallGaps, byGroup, byKnown } = evaluationOf(
    [...of({ variety: 'gala', station: 'left' }, 96), ...of({ variety: 'russet', station: 'left' }, 71)],
    ['good', 'bad'],
    'fruit',
  );
  expect(byGroup).toEqual([]);
  expect(recallGaps!.slice(2)).toEqual([
    { label: 'good', groups: 2, gap: 0.25, worst: 'russet', by: 'variety' },
    { label: 'bad', groups: 0, gap: null, worst: null, by: 'variety' },
  ]);
  // All are of one station, which tells nothing.
  expect(byKnown).toEqual([
    {
      by: 'variety',
      groups: [
        { group: 'gala', images: 100, accuracy: 0.96, support: [100, 0], recall: [0.96, null] },
        { group: 'russet', images: 100, accuracy: 0.71, support: [100, 0], recall: [0.71, null] },
      ],
    },
  ]);
  expect(evaluationOf(of({ variety: 'gala' }, 90), ['good', 'bad'], 'fruit').byKnown).toBeUndefined();
});

test('names what was most surely wrong first', () => {
  const wrong = (sureness: number, digest: string) => ({
    ...{ logits: [0, sureness], label: 0, group: 'a', images: 1, digest, source: `${digest}.jpg` },
  });
  const { worst } = evaluationOf([wrong(1, 'x'), wrong(5, 'y'), wrong(-1, 'z')], ['good', 'bad'], 'image');
  expect(worst!.map(({ digest }) => digest)).toEqual(['y', 'x']);
  expect(worst![0]).toMatchObject({ truth: 'good', graded: 'bad', group: 'a', source: 'y.jpg' });
});
