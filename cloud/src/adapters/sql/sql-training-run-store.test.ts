import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { evaluation } from '../../testing/sample-training.ts';
import type { NewTrainingRun } from '../../use-cases/keep-runs.ts';
import { openDatabase } from './open-database.ts';
import { SqlJobStore } from './sql-job-store.ts';
import { SqlTrainingRunStore } from './sql-training-run-store.ts';

describe.each(databases)('what is kept of runs in $name', (database) => {
  it('is all of one that ended well, and says of one whose process was killed that it failed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pomona-training-runs-'));
    const db = await openDatabase(folder, { ...(await database.options()), busyTimeoutMs: 500 });
    const [store, jobs] = [new SqlTrainingRunStore(db), new SqlJobStore(db)];
    const job = await jobs.add({ kind: 'train', actor: 'ada', request: {} }, 'running', 0);
    const run: NewTrainingRun = {
      ...{ name: 'apples-1-job-1', kind: 'train', job, codeRevision: 'c0de', inputs: 'i'.repeat(64) },
      dataset: { name: 'drawn', digest: 'd'.repeat(64) },
      asked: { network: 'sequential', seed: 7, epochs: 2 },
    };
    const first = await store.add(run, 1_000);
    const environment = { node: 'v20', platform: 'linux', arch: 'x64', cpu: 'c', cores: 2, packages: {} };
    const parameters = { network: 'sequential', 'adam.beta1': 0.9 };
    await store.setBegan(first, { environment, parameters });
    const epoch = { epoch: 1, loss: 1, accuracy: 0.5, validationLoss: null, validationAccuracy: 0.5 };
    const outcome = {
      evaluated: [{ split: 'test' as const, evaluation }],
      artifacts: [{ name: 'weights.f32', digest: 'e'.repeat(64), bytes: 4 }],
    };
    expect(await store.findDone(run.inputs)).toBeUndefined();
    const ended = { state: 'done', curve: [epoch], outcome, digest: 'f'.repeat(64), error: null } as const;
    await store.end(first, ended, 2_000);
    // An ended one never changes.
    await store.end(first, { ...ended, state: 'failed', error: 'late' }, 3_000);
    const expected = {
      ...{ id: first, state: 'done', seed: 7, epochs: 1, macroF1: 0.5, digest: 'f'.repeat(64), error: null },
      ...{ startedAt: new Date(1_000).toISOString(), endedAt: new Date(2_000).toISOString() },
      ...{ parameters, environment, curve: [epoch], ...outcome, asked: run.asked, reproduces: null },
    };
    expect(await store.find(first)).toMatchObject(expected);
    expect(await store.findDone(run.inputs)).toMatchObject(expected);

    const second = await store.add({ ...run, kind: 'trial', reproduces: first }, 4_000);
    expect(await store.find(second)).toMatchObject({ state: 'running', reproduces: first });
    await jobs.end(job, 'failed', 'its process ended', 5_000);
    expect(await store.findOfJob(job)).toMatchObject({
      id: second,
      state: 'failed',
      error: 'its process ended',
    });
    expect((await store.list()).map(({ id }) => id)).toEqual([second, first]);
    expect((await store.list('train')).map(({ id }) => id)).toEqual([first]);
    expect(await store.find(99)).toBeUndefined();
    await db.destroy();
    rmSync(folder, { recursive: true });
  });
});
