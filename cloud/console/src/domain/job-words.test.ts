import type { JobView } from '@pomona/wire';
import { expect, it } from 'vitest';
import { jobWords } from './job-words.ts';

const job = (kind: JobView['kind'], result: unknown, state: JobView['state'] = 'done') =>
  ({ kind, result, state }) as JobView;

it('says what a reproduction and an evaluation came to, with digests that fit a row', () => {
  const why = `it came to the same digest ${'c0ffee42'.padEnd(64, '0')}`;
  const reproduced = { run: 3, again: 4, verdict: 'same', why, comparison: null };
  expect(jobWords(job('reproduce', reproduced))).toBe('run 3, same: it came to the same digest c0ffee42');
  const judged = {
    model: { name: 'apples', version: 2 },
    dataset: { name: 'phone' },
    evaluation: { accuracy: 0.857 },
  };
  expect(jobWords(job('evaluate', judged))).toBe('apples@2: 85.7 % right on phone');
  const few = { unit: 'image', images: 4, groups: 4, accuracy: 1 };
  expect(jobWords(job('evaluate', { ...judged, evaluation: few }))).toBe(
    'apples@2: 100 % right on phone, of only 4 images, which says little',
  );
  expect(jobWords(job('reproduce', null, 'running'))).toBeUndefined();
});

it('says which version a training or a calibration made, and which gates it failed', () => {
  const made = { name: 'apples', version: 3, digest: 'c0de' };
  expect(jobWords(job('train', { ...made, failedGates: ['macro-f1', 'ece'] }))).toBe(
    'apples@3; gates failed: macro-f1, ece',
  );
  expect(jobWords(job('calibrate', { ...made, failedGates: [] }))).toBe('apples@3; no gate failed');
  const trials = [1, 2, 2].map((trial) => ({ trial }));
  expect(jobWords(job('tune', { ...made, failedGates: ['ece'], trials, chosen: trials[1] }))).toBe(
    'apples@3; gates failed: ece; trial 2 of 2',
  );
  expect(jobWords(job('train', null))).toBeUndefined();
});

it('says of groups that were left out how many were right, and on which the fewest', () => {
  const leftOut = { by: 'variety', dataset: { name: 'phone' }, folds: [], pooled: { accuracy: null } };
  expect(jobWords(job('evaluate', leftOut))).toBe(
    'phone without each variety: nothing judged on what was left out',
  );
  const folds = [0.9, 0.75, 0.8].map((accuracy, at) => ({ value: `v${at}`, accuracy }));
  expect(jobWords(job('evaluate', { ...leftOut, folds, pooled: { accuracy: 0.82 } }))).toBe(
    'phone without each variety: 82.0 % right on what was left out, least on v1 (75.0 %)',
  );
  const few = { accuracy: 1, cases: 1 };
  expect(jobWords(job('evaluate', { ...leftOut, folds: [], pooled: few }))).toBe(
    'phone without each variety: 100 % right on what was left out, of only 1 case, which says little',
  );
});
