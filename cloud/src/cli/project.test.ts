import type { ProjectView } from '@pomona/wire';
import { expect, it } from 'vitest';
import { defaultTargets } from '../domain/project-targets.ts';
import { describeLog } from './project.ts';

function version(version: number, targets: ProjectView['targets']): ProjectView {
  return { version, at: `2026-11-0${version}T10:00:00.000Z`, actor: 'ada', targets };
}

it('says of each version what it changed, also inside of limits and costs', () => {
  const first = { ...defaultTargets, minMacroF1: 0.95 };
  const second = {
    ...first,
    costs: { bad: { good: 20 } },
    imageLimits: { ...defaultTargets.imageLimits, minSharpness: 6 },
    maxErrorCost: 0.2,
  };
  const lines = describeLog([version(3, second), version(2, second), version(1, first)]).split('\n');
  expect(lines[1]).toMatch(/^3 .* ada +nothing$/);
  expect(lines[2]).toContain(
    'imageLimits.minSharpness 2 → 6, costs.bad.good unset → 20, maxErrorCost unset → 0.2',
  );
  expect(lines[3]).toMatch(/ada +minMacroF1 0.9 → 0.95$/);
  expect(describeLog([version(9, second)])).toContain('not listed any more');
  expect(describeLog([])).toContain('the defaults hold');
});
