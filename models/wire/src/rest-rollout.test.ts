import { Value } from '@pomona/schema';
import { expect, it } from 'vitest';
import { RetrainRequest } from './rest-retrain.ts';
import { RolloutRequest } from './rest-rollout.ts';

it('refuses a shadow phase with a limit that there is not', () => {
  const rollout = (shadow: object) =>
    Value.Check(RolloutRequest, {
      ...{ release: { name: 'apples', version: 2 }, query: {}, plan: { shadow }, reason: 'a try' },
    });
  const retraining = (shadow: object | null) =>
    Value.Check(RetrainRequest, { rollout: { plan: { shadow } } });
  for (const takes of [rollout, retraining]) {
    expect(takes({ fruitsMin: 1_000 })).toBe(true);
    expect(takes({ fruitMin: 1_000 })).toBe(false);
  }
  expect(retraining(null)).toBe(true);
});
