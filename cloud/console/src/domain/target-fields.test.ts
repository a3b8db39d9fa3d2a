import { defaultShadowPlan, ProjectTargets, ShadowPlan } from '@pomona/wire';
import { expect, it } from 'vitest';
import {
  allFields,
  bothChanged,
  changeWords,
  gradesOf,
  valueAt,
  withDefaults,
  withValue,
} from './target-fields.ts';

const targets: ProjectTargets = {
  ...{ problem: 'Grade apples.', minMacroF1: 0.9, minRecall: 0.8, recallFloors: { bad: 0.95 } },
  ...{ maxBadAsGood: 0.01, maxLatencyMs: 100, maxReleaseBytes: 16_777_216 },
};

it('has words for everything that can be set', () => {
  const named = allFields(['bad', 'good']).map(({ path }) => path.split('.')[0]);
  expect(new Set(named)).toEqual(new Set(Object.keys(ProjectTargets.properties)));
  const limits = allFields([]).filter(({ path }) => path.startsWith('imageLimits.'));
  const { properties } = ProjectTargets.properties.imageLimits;
  expect(limits.map(({ path }) => path.split('.')[1])).toEqual(Object.keys(properties));
  const shadow = allFields([]).filter(({ path }) => path.startsWith('retrainShadow.'));
  expect(shadow.map(({ path }) => path.split('.')[1])).toEqual(Object.keys(ShadowPlan.properties));
});

it('sets and unsets a part of the targets, and leaves the rest', () => {
  const changed = withValue(withValue(targets, 'costs.bad.good', 20), 'recallFloors.bad', undefined);
  expect(changed).toEqual({ ...targets, costs: { bad: { good: 20 } }, recallFloors: {} });
  expect(valueAt(changed, 'costs.bad.good')).toBe(20);
  expect(valueAt(targets, 'costs.bad.good')).toBeUndefined();
});

it('says each change in the words of the page', () => {
  const after = withValue(withValue(targets, 'recallFloors.bad', 0.98), 'imageLimits.minSharpness', 6);
  expect(changeWords(targets, after, allFields(['bad']))).toEqual([
    'Found of bad, at least: 95.0 % → 98.0 %',
    'Sharpness, at least: not set → 6',
  ]);
});

it('sets the shadow phase of retrainings as a whole, and says each part of it', () => {
  const on = withValue(targets, 'retrainShadow', defaultShadowPlan);
  const more = withValue(on, 'retrainShadow', { ...defaultShadowPlan, fruitsMin: 900, forS: 60 });
  expect(changeWords(on, more, allFields([]))).toEqual([
    'Shadow of retrainings: fruits at each: 500 → 900',
    'Shadow of retrainings: at least: 3600 s → 60 s',
  ]);
  expect(changeWords(targets, on, allFields([]))).toHaveLength(8);
  expect(withValue(more, 'retrainShadow', undefined)).toEqual(targets);
});

it('names what two people set otherwise, and not what only one did or both alike', () => {
  const theirs = [
    ['minMacroF1', 0.95],
    ['minRecall', 0.7],
    ['maxBadAsGood', 0.02],
  ].reduce((all, [path, value]) => withValue(all, String(path), Number(value)), targets);
  const draft = { minMacroF1: 0.8, minRecall: 0.7, maxLatencyMs: 50 };
  expect(bothChanged(targets, theirs, draft, allFields([]))).toEqual([
    'Right over all grades, at least (theirs 95.0 %, yours 80.0 %)',
  ]);
});

it('takes the defaults of what is not set, limit by limit', () => {
  const defaults = { ...targets, boardSlowdown: 10, imageLimits: { minLuma: 20, maxLuma: 235 } };
  const wanted = withDefaults({ ...targets, imageLimits: { minLuma: 30 } }, defaults);
  expect(wanted).toMatchObject({ boardSlowdown: 10, imageLimits: { minLuma: 30, maxLuma: 235 } });
});

it('knows the grades of models, datasets and targets', () => {
  const costs = { bad: { rot: 3 } };
  expect(gradesOf([{ labels: ['good', 'ok'] }], [{ ...targets, costs }])).toEqual([
    'good',
    'ok',
    'bad',
    'rot',
  ]);
});
