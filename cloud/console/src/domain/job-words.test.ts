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
  expect(jobWords(job('evaluate', { by: 'variety', folds: [] }))).toBeUndefined();
  expect(jobWords(job('reproduce', null, 'running'))).toBeUndefined();
});
