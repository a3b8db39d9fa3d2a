import { defaultShadowPlan } from '@pomona/wire';
import { expect, it } from 'vitest';
import { retrainedRollout } from './retrain.ts';

const runsIt = { release: ['apples@1'] };
const project = { retrainShadow: { ...defaultShadowPlan, fruitsMin: 300 } };

it('rolls out where the old version runs, with the shadow phase of the project', () => {
  expect(retrainedRollout({}, runsIt, project)).toEqual({
    query: runsIt,
    plan: { shadow: project.retrainShadow },
  });
  expect(retrainedRollout({}, runsIt, {})).toEqual({ query: runsIt, plan: {} });
});

it('does as the request says where it says something', () => {
  const query = { site: ['north'] };
  const asked = retrainedRollout({ query, plan: { canary: 2, shadow: { forS: 60 } } }, runsIt, project);
  expect(asked).toEqual({ query, plan: { canary: 2, shadow: { forS: 60 } } });
  expect(retrainedRollout({ plan: { shadow: null } }, runsIt, project).plan).toEqual({});
});
