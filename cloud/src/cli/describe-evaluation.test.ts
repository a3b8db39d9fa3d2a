import { expect, it } from 'vitest';
import { evaluation } from '../testing/sample-training.ts';
import { describeEvaluation } from './describe-evaluation.ts';

it('names what was most surely wrong by its path, or by its digest in a version that kept none', () => {
  const wrong = { digest: 'ab'.repeat(32), truth: 'bad', graded: 'good', probability: 0.02 };
  const worst = [
    { ...wrong, group: 'session 7', source: 'bad/7.jpg' },
    { ...wrong, group: 'bad/8.jpg', source: 'bad/8.jpg' },
    { ...wrong, group: 'session 9' },
  ];
  const lines = describeEvaluation({ evaluation: { ...evaluation, worst }, labels: ['good', 'bad'] }).split(
    '\n',
  );
  expect(lines.filter((line) => line.includes('bad graded good')).map((line) => line.split(': ')[1])).toEqual(
    ['bad/7.jpg of session 7', 'bad/8.jpg', 'abababababab of session 9'],
  );
});

it('does not say of four images, all right, that it is sure of itself', () => {
  const sure: [number, number] = [1, 1];
  const perClass = ['good', 'bad'].map((label) => ({
    ...{ label, precision: 1, recall: 1, f1: 1, support: 2 },
    ...{ precisionInterval: sure, recallInterval: sure },
  }));
  const four = {
    ...{ ...evaluation, images: 4, groups: 4, accuracy: 1, balancedAccuracy: 1, macroF1: 1, perClass },
    confusion: [
      [2, 0],
      [0, 2],
    ],
    intervals: { accuracy: sure, balancedAccuracy: sure, macroF1: sure },
  };
  const text = describeEvaluation({ evaluation: four, labels: ['good', 'bad'] });
  expect(text).toContain('4 images: accuracy 100.0 % [51.0–100.0], balanced 100.0 %, macro-F1 100.0 %,');
  expect(text).toContain('few cases   of only 4 images, which says little');
  expect(text).not.toContain('[100.0–100.0]');
});
