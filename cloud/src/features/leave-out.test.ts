import type { JobView, LeaveOutReport } from '@pomona/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { saveChampion } from '../testing/retrainable-model.ts';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';

let test: TestControlPlane;

beforeAll(async () => {
  test = await startTestControlPlane();
  await saveChampion(test);
});
afterAll(() => test.remove());

async function call<T>(path: string, body?: object): Promise<{ status: number; body: T }> {
  const answer = await fetch(test.plane.urls.console + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${test.plane.localToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as T };
}

const order = (body: object) => call<JobView & { readonly code?: string }>('/v1/jobs/leave-out', body);

async function ended(id: number): Promise<JobView> {
  let job: JobView | undefined;
  await eventually(async () => {
    job = (await call<JobView>(`/v1/jobs/${id}`)).body;
    return job.endedAt !== null;
  }, 60_000);
  return job!;
}

it('trains without each value that is left out, and its job holds the report', async () => {
  const small = { dataset: 'drawn', by: 'group', epochs: 1, folds: 2, seed: 4 };
  const { status, body } = await order(small);
  expect(status).toBe(202);
  const job = await ended(body.id);
  expect(job).toMatchObject({ kind: 'evaluate', state: 'done', error: null, epochs: [] });
  const report = job.result as LeaveOutReport;
  expect(report).toMatchObject({ by: 'group', network: 'compact', seed: 4, unknownImages: 0 });
  expect(report.folds.map(({ images, reused }) => [images, reused])).toEqual([
    [3, false],
    [3, false],
  ]);
  expect(report.notHeldOut).toHaveLength(28);

  const again = (await ended((await order(small)).body.id)).result as LeaveOutReport;
  expect(again.folds.map(({ reused }) => reused)).toEqual([true, true]);
  expect(again.pooled).toEqual(report.pooled);
});

it('refuses what cannot be trained before anything is queued, and says in the job that nothing is known to leave out', async () => {
  const queued = async () => (await call<JobView[]>('/v1/jobs')).body.length;
  const before = await queued();
  expect((await order({ by: 'variety' })).body.code).toBe('bad-request');
  expect((await order({ by: 'variety', dataset: 'drawn', network: 'huge' })).body.code).toBe('bad-request');
  expect((await order({ by: 'variety', dataset: 'pears' })).body.code).toBe('dataset-unknown');
  expect((await order({ by: 'colour', dataset: 'drawn' })).status).toBe(400);
  expect(await queued()).toBe(before);
  const { id } = (await order({ by: 'variety', dataset: 'drawn' })).body;
  expect(await ended(id)).toMatchObject({
    state: 'failed',
    error: expect.stringContaining('left out by variety'),
  });
});
