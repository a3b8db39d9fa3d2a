import type { JobView, RetrainResult } from '@pomona/wire';
import { expect, it } from 'vitest';
import { retrainWords } from './retrain-words.ts';

const result: RetrainResult = {
  ...{ name: 'apples', version: 4, digest: 'a'.repeat(64), failedGates: [] },
  ...{ accuracy: { base: 0.95, samples: 0.8 }, rollout: 7, notRolledOut: null },
};
const job = (change: object, kind = 'retrain', state = 'done') =>
  ({ kind, state, result: { ...result, ...change } }) as JobView;

it('says how well a retrained version does, and where it went', () => {
  expect(retrainWords(job({}))).toBe('apples@4; 95.0 % on old fruit; 80.0 % on labelled fruit; rollout 7');
  const stayed = {
    accuracy: { base: 0.95, samples: null },
    rollout: null,
    notRolledOut: 'failed its gates: ece',
  };
  expect(retrainWords(job(stayed))).toBe(
    'apples@4; 95.0 % on old fruit; not rolled out: failed its gates: ece',
  );
});

it('says nothing of other jobs and of older results', () => {
  expect(retrainWords(job({}, 'train'))).toBeUndefined();
  expect(retrainWords(job({}, 'retrain', 'failed'))).toBeUndefined();
  expect(retrainWords({ ...job({}), result: { name: 'apples', version: 2 } })).toBeUndefined();
});
