import type { ProjectTargets, ProjectView } from '@pomona/wire';
import { expect, it } from 'vitest';
import { defaultTargets } from '../domain/project-targets.ts';
import { setTargets } from './set-targets.ts';

function portsWith(labels: readonly string[], stored: ProjectTargets = defaultTargets) {
  let view: ProjectView = { version: 1, at: null, actor: 'ada', targets: stored };
  return {
    project: {
      read: async () => view,
      write: async (targets: ProjectTargets, actor: string) => {
        view = { version: view.version + 1, at: null, actor, targets };
        return view;
      },
    },
    models: { list: async () => [] },
    datasets: { list: async () => (labels.length === 0 ? [] : [{ labels }]) },
  };
}

it('refuses a floor and a cost of a grade that nothing has', async () => {
  const ports = portsWith(['bad', 'good']);
  const floors = { ...defaultTargets, recallFloors: { bad: 0.9, bat: 0.9 } };
  await expect(setTargets(ports, floors, 'ada', 0)).rejects.toMatchObject({
    code: 'label-unknown',
    message: 'no model and no dataset has the grade bat',
    hint: expect.stringContaining('bad, good'),
  });
  const costs = { ...defaultTargets, costs: { bad: { goood: 20 } } };
  await expect(setTargets(ports, costs, 'ada', 0)).rejects.toMatchObject({ code: 'label-unknown' });
  expect((await ports.project.read()).version).toBe(1);
  const right = { ...defaultTargets, recallFloors: { bad: 0.9 }, costs: { bad: { good: 20 } } };
  expect(await setTargets(ports, right, 'ada', 0)).toMatchObject({ version: 2, targets: right });
});

it('takes every name while no grade is known, and what stood there before', async () => {
  const floors = { ...defaultTargets, recallFloors: { rot: 0.9 } };
  expect((await setTargets(portsWith([]), floors, 'ada', 0)).targets).toEqual(floors);
  const kept = { ...floors, minMacroF1: 0.95 };
  expect((await setTargets(portsWith(['bad'], floors), kept, 'ada', 0)).targets).toEqual(kept);
});
