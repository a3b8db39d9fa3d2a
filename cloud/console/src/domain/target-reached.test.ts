import type { ModelView, ProjectTargets } from '@pomona/wire';
import { expect, it } from 'vitest';
import { reachedBy } from './target-reached.ts';

const model = {
  labels: ['bad', 'good', 'ok'],
  releaseBytes: 143_220,
  variants: [{ msPerView: 0.5 }, { msPerView: 0.25 }],
  evaluation: {
    macroF1: 0.88,
    confusion: [
      [95, 4, 1],
      [0, 50, 0],
      [0, 0, 0],
    ],
    perClass: [
      { label: 'bad', recall: 0.95 },
      { label: 'good', recall: 0.85 },
      { label: 'ok', recall: null },
    ],
  },
} as unknown as ModelView;
const targets: ProjectTargets = {
  ...{ problem: '', minMacroF1: 0.9, minRecall: 0.8, recallFloors: { bad: 0.96 }, maxBadAsGood: 0.01 },
  ...{ maxLatencyMs: 20, boardSlowdown: 10, maxReleaseBytes: 16_777_216 },
};

it('says what a version reaches of each target, and whether that is within it', () => {
  const reached = (path: string) => reachedBy(model, path, targets);
  expect(reached('minMacroF1')).toEqual({ value: 0.88, isWithin: false });
  // Bad has a floor of its own.
  expect(reached('minRecall')).toEqual({ value: 0.85, isWithin: true, of: 'good' });
  expect(reached('recallFloors.bad')).toEqual({ value: 0.95, isWithin: false });
  expect(reached('recallFloors.good')).toEqual({ value: 0.85, isWithin: true });
  expect(reached('maxBadAsGood')).toEqual({ value: 0.04, isWithin: false });
  expect(reached('maxLatencyMs')).toEqual({ value: 20, isWithin: true });
  expect(reached('maxReleaseBytes')?.isWithin).toBe(true);
});

it('says nothing where nothing was measured', () => {
  for (const path of ['recallFloors.ok', 'maxErrorCost', 'keepVersions', 'imageLimits.minLuma'])
    expect(reachedBy(model, path, targets)).toBeUndefined();
  const noBad = { ...model, labels: ['good', 'ok'] };
  expect(reachedBy(noBad, 'maxBadAsGood', targets)).toBeUndefined();
});
