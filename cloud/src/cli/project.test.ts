import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultShadowPlan, type ProjectView } from '@pomona/wire';
import { expect, it, onTestFinished } from 'vitest';
import { defaultTargets } from '../domain/project-targets.ts';
import { describeLog, projectCommand } from './project.ts';
import { withRegistry } from './with-registry.ts';

function version(version: number, targets: ProjectView['targets']): ProjectView {
  return {
    version,
    at: `2026-11-0${version}T10:00:00.000Z`,
    actor: 'ada',
    targets,
    ...(version === 1 && { reason: 'season 2026' }),
  };
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
  expect(lines[1]).toMatch(/^3 .* ada +- +nothing$/);
  expect(lines[2]).toContain(
    'imageLimits.minSharpness 2 → 6, costs.bad.good unset → 20, maxErrorCost unset → 0.2',
  );
  expect(lines[3]).toMatch(/ada +season 2026 +minMacroF1 0.9 → 0.95$/);
  expect(describeLog([version(9, second)])).toContain('not listed any more');
  expect(describeLog([])).toContain('the defaults hold');
});

it('sets a part of the targets from a file, and unsets what is null there', async () => {
  const data = await mkdtemp(join(tmpdir(), 'pomona-project-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  const set = async (changes: object) => {
    const file = join(data, 'targets.json');
    await writeFile(file, JSON.stringify(changes));
    const why = ['--reason', 'stricter this season'];
    await projectCommand().parseAsync(['set', file, '--data', data, ...why], { from: 'user' });
    const [{ reason } = {}] = await withRegistry(data, ({ project }) => project.versions());
    expect(reason).toBe('stricter this season');
    return (await withRegistry(data, ({ project }) => project.read())).targets;
  };
  const shadow = { ...defaultShadowPlan, fruitsMin: 300 };
  expect(await set({ retrainShadow: { fruitsMin: 300 }, maxErrorCost: 0.2 })).toEqual({
    ...defaultTargets,
    ...{ maxErrorCost: 0.2, retrainShadow: shadow },
  });
  expect(await set({ retrainShadow: null, maxErrorCost: null })).toEqual(defaultTargets);
  expect(await set({ imageLimits: { minSharpness: 6, minLuma: null } })).toEqual({
    ...defaultTargets,
    imageLimits: { ...without('minLuma', defaultTargets.imageLimits), minSharpness: 6 },
  });
  expect(await set({ imageLimits: null })).toEqual(without('imageLimits', defaultTargets));
  expect(await set({ imageLimits: { maxLuma: 200 } })).toMatchObject({ imageLimits: { maxLuma: 200 } });
  await set({ costs: { bad: { good: 20, ok: 5 } } });
  expect((await set({ costs: { bad: { ok: null } } })).costs).toEqual({ bad: { good: 20 } });
  await expect(set(['minMacroF1'])).rejects.toMatchObject({ code: 'bad-request' });
  await expect(set({ minMacroF1: null })).rejects.toMatchObject({ code: 'bad-request' });
});

function without(name: string, fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([each]) => each !== name));
}
