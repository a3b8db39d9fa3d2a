import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, type Gate, type ModelView, type RolloutRequest } from '@pomona/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase, type PomonaDatabase } from '../adapters/sql/open-database.ts';
import { SqlModelRegistry } from '../adapters/sql/sql-model-registry.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { type RetrainJob, retrain } from './retrain.ts';
import type { JobRun } from './run-job.ts';

const query = { line: ['line-1'] };
const clock = new ManualClock();
let folder: string;
let db: PomonaDatabase;
let models: SqlModelRegistry;
let version = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-retrain-'));
  db = await openDatabase(folder);
  models = new SqlModelRegistry(db);
});
afterAll(async () => {
  await db.destroy();
  rmSync(folder, { recursive: true });
});

function gate(name: string, verdict: Gate['verdict']): Gate {
  return { name, figure: 0.5, limit: 0.9, comparison: '>=', verdict, detail: '' };
}

/** Retrains as ada, with a training whose version has these gates. */
async function retrainTo(
  gates: Gate[],
  change: {
    readonly rollout?: RetrainJob['rollout'];
    readonly refusal?: string;
    readonly cancelled?: true;
    readonly calibrated?: true;
  },
) {
  const results: unknown[] = [];
  const rollouts: (RolloutRequest & { readonly actor: string })[] = [];
  const cancel = new AbortController();
  if (change.cancelled) cancel.abort();
  const run: JobRun = {
    ...{ id: 7, actor: 'ada', signal: cancel.signal, onEvent: () => undefined },
    checkpoint: async () => cancel.signal.throwIfAborted(),
    setResult: async (result) => void results.push(result),
  };
  const ports = {
    ...{ models, clock },
    async train(request: object) {
      expect(Object.keys(request)).not.toContain('rollout');
      const digest = String(++version).repeat(64).slice(0, 64);
      const byGroup = [
        { group: 'base', images: 8, accuracy: 0.75 },
        { group: 'samples', images: 4, accuracy: 0.5 },
      ];
      const model = { name: 'apples', version, digest, gates, evaluation: { accuracy: 0.85, byGroup } };
      await models.save({ ...model, createdAt: new Date(0).toISOString() } as unknown as ModelView);
      if (!change.calibrated) return model as unknown as ModelView;
      // The same network as one version more, judged on photographs of sessions.
      const sessions = { accuracy: 0.65, byGroup: [{ group: 'session-1', images: 9, accuracy: 0.65 }] };
      const parent = { name: 'apples', version };
      const again = { ...model, version: ++version, evaluation: sessions, parent, calibration: { scale: 1 } };
      await models.save({ ...again, createdAt: new Date(0).toISOString() } as unknown as ModelView);
      return again as unknown as ModelView;
    },
    async createRollout(request: RolloutRequest, actor: string) {
      if (change.refusal) throw new AppError(change.refusal, 'no station matches', { hint: 'Look.' });
      rollouts.push({ ...request, actor });
      return { id: 3 };
    },
  };
  const job: RetrainJob = {
    ...{ dataset: { name: 'drawn', digest: 'd'.repeat(64) }, name: 'apples', network: 'sequential', seed: 1 },
    ...(change.rollout === undefined ? {} : { rollout: change.rollout }),
  };
  const ended = await retrain(ports, job, run).catch((error: unknown) => error);
  return { ended, result: results.at(-1), rollouts };
}

async function candidate(): Promise<number | undefined> {
  return (await models.aliases('apples')).find(({ alias }) => alias === 'candidate')?.version;
}

it('makes what passes its gates the candidate, and rolls it out as whoever asked', async () => {
  const passed = [gate('macro-f1', 'passed'), gate('group-gap', 'insufficient-data')];
  const { result, rollouts } = await retrainTo(passed, { rollout: { query, plan: { canary: 2 } } });
  expect(result).toMatchObject({
    ...{ version, failedGates: [], rollout: 3, notRolledOut: null },
    accuracy: { base: 0.75, samples: 0.5 },
  });
  expect(rollouts).toEqual([
    {
      ...{ release: { name: 'apples', version }, query, plan: { canary: 2 }, actor: 'ada' },
      reason: 'retrained from labelled fruit by job 7',
    },
  ]);
  expect(await candidate()).toBe(version);
  const again = await retrainTo(passed, {});
  expect(again.rollouts).toEqual([]);
  expect(again.result).toMatchObject({ rollout: null, notRolledOut: 'nobody asked for it' });
  expect(await candidate()).toBe(version);
});

it('says of a version that was calibrated again what its training was worth on labelled fruit', async () => {
  const { result } = await retrainTo([gate('macro-f1', 'passed')], { calibrated: true });
  expect(result).toMatchObject({ version, accuracy: { base: 0.75, samples: 0.5 } });
  expect(await candidate()).toBe(version);
});

it('rolls nothing out whose gates fail, says which, and leaves the candidate', async () => {
  const before = await candidate();
  const gates = [gate('macro-f1', 'failed'), gate('ece', 'passed'), gate('recall-bad', 'failed')];
  const { result, rollouts } = await retrainTo(gates, { rollout: { query } });
  expect(rollouts).toEqual([]);
  expect(result).toMatchObject({
    ...{ version, failedGates: ['macro-f1', 'recall-bad'], rollout: null },
    notRolledOut: 'failed its gates: macro-f1, recall-bad',
  });
  expect(await candidate()).toBe(before);
});

it('ends well when the stations are gone or keys elsewhere must sign first, and not when the rollout fails otherwise', async () => {
  const gates = [gate('macro-f1', 'passed')];
  const gone = await retrainTo(gates, { rollout: { query }, refusal: 'rollout-empty' });
  expect(gone.result).toMatchObject({ rollout: null, notRolledOut: 'no station matches. Look.' });
  expect(await candidate()).toBe(version);
  const unsigned = await retrainTo(gates, { rollout: { query }, refusal: 'release-waiting' });
  expect(unsigned.ended).toMatchObject({ version, rollout: null, notRolledOut: 'no station matches. Look.' });
  expect(await candidate()).toBe(version);
  const broken = await retrainTo(gates, { rollout: { query }, refusal: 'database-full' });
  expect(broken.ended).toMatchObject({ code: 'database-full' });
  expect(broken.result).toMatchObject({ version, rollout: null, notRolledOut: 'it was not begun' });
});

it('makes no candidate of a job that was cancelled, and begins no rollout', async () => {
  const before = await candidate();
  const { ended, rollouts } = await retrainTo([gate('macro-f1', 'passed')], {
    rollout: { query },
    cancelled: true,
  });
  expect(ended).toMatchObject({ name: 'AbortError' });
  expect(rollouts).toEqual([]);
  expect([await candidate(), version]).toEqual([before, before! + 1]);
});
