import type { TuneTrial } from '@pomona/wire';
import { expect, it } from 'vitest';
import { lineOf } from './tune.ts';

it('tells of a trial in words as it ends, and not yet whether none beats it', () => {
  const trial = {
    ...{ trial: 2, network: 'compact', size: 64, epochs: 1, macroF1: 0.25, msPerView: 0.3773, score: 0.2 },
    ...{ seconds: 8.54, isOnFront: true, recipe: {} },
  } as unknown as TuneTrial;
  expect(lineOf(trial)).toBe(
    'trial 2: compact at 64×64, 1 epoch: macro-F1 0.2500 on validation, 0.377 ms per view, 8.5 s',
  );
});
