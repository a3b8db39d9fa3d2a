import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { openDatabase } from '../adapters/sql/open-database.ts';
import { SqlJobStore } from '../adapters/sql/sql-job-store.ts';
import { SqlTrainingRunStore } from '../adapters/sql/sql-training-run-store.ts';
import { runsCommand } from './runs.ts';

it('lists a run whose process was killed as failed, where no control plane looks after it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pomona-runs-'));
  const db = await openDatabase(folder);
  const agoMs = Date.now() - 10 * 60_000;
  const job = await new SqlJobStore(db).add({ kind: 'train', actor: 'ada', request: {} }, 'running', agoMs);
  const run = {
    ...{ name: 'apples-1', kind: 'train' as const, job, codeRevision: 'c0de', inputs: 'i'.repeat(64) },
    dataset: { name: 'drawn', digest: 'd'.repeat(64) },
    asked: { network: 'sequential', seed: 7, epochs: 2 },
  };
  await new SqlTrainingRunStore(db).add(run, agoMs);
  await db.destroy();
  const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await runsCommand().parseAsync(['list', '--json', '--data', folder], { from: 'user' });
  const [printed] = stdout.mock.calls.at(-1)!;
  stdout.mockRestore();
  rmSync(folder, { recursive: true });
  expect(JSON.parse(String(printed))).toMatchObject([
    { id: 1, state: 'failed', error: expect.stringContaining('its process ended without a word') },
  ]);
});
