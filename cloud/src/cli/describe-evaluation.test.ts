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
