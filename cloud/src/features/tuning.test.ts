import type { JobView, TuneResult } from '@pomona/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { saveChampion } from '../testing/retrainable-model.ts';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';

let test: TestControlPlane;

beforeAll(async () => {
  test = await startTestControlPlane();
  await saveChampion(test);
  const { project } = test.plane.stores;
  // No trial is fast enough to end the search.
  await project.write({ ...(await project.read()).targets, maxLatencyMs: 1e-9 }, 'ada', 0);
});
afterAll(() => test.remove());

async function call<T>(path: string, body?: object): Promise<T> {
  const answer = await fetch(test.plane.urls.console + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${test.plane.localToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as T;
}

const order = (body: object) =>
  call<JobView & { readonly code?: string }>('/v1/jobs/tune', { dataset: 'drawn', name: 'tuned', ...body });
const resultOf = ({ result }: JobView) => result as TuneResult | null;

/** The job as it stands every time it says something else, to its end. */
async function watched(id: number): Promise<JobView[]> {
  const seen: JobView[] = [];
  await eventually(async () => {
    const job = await call<JobView>(`/v1/jobs/${id}`);
    if (JSON.stringify(job) !== JSON.stringify(seen.at(-1))) seen.push(job);
    return job.endedAt !== null;
  }, 60_000);
  return seen;
}

it('tells each trial as it ends, and registers the best, trained in full', async () => {
  const small = { networks: ['sequential'], sizes: [32, 16], trials: 2, firstEpochs: 1, epochs: 2, seed: 3 };
  const { id, state, kind } = await order(small);
  expect([kind, state]).toEqual(['tune', 'queued']);
  const seen = await watched(id);
  const { error, result, epochs } = seen.at(-1)!;
  expect(error).toBeNull();
  const { trials, chosen, why, name, version, digest, trying } = result as TuneResult;
  expect(trials.map(({ trial, size }) => [trial, size])).toEqual([
    [1, 32],
    [2, 16],
  ]);
  expect(trying).toBeUndefined();
  expect(trials).toContainEqual(chosen);
  expect(why).toContain(`sequential at ${chosen!.size}×${chosen!.size}`);
  // Two passes of the full training; the trials draw no curve.
  expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
  const model = await test.plane.stores.models.find('tuned', 1);
  const dataset = { name: chosen!.size === 32 ? 'drawn' : 'drawn-16' };
  expect(model).toMatchObject({ name, version, digest, dataset });
  // While it ran, what was tried and what had been tried.
  const counts = seen.map((job) => resultOf(job)?.trials.length ?? 0);
  expect(counts).toEqual([...counts].sort());
  expect(seen.some((job) => resultOf(job)?.trying?.trial === 1)).toBe(true);
  // What was kept outlives the process: it stands in the database.
  expect((await test.plane.stores.jobs.find(id))?.result).toEqual(result);
});

it('can be cancelled in the middle, and keeps what it had tried', async () => {
  const { id } = await order({
    networks: ['sequential'],
    sizes: [32],
    trials: 500,
    firstEpochs: 1,
    epochs: 9,
  });
  await eventually(
    async () => (resultOf(await call<JobView>(`/v1/jobs/${id}`))?.trials.length ?? 0) > 0,
    60_000,
  );
  await call(`/v1/jobs/${id}/cancel`, {});
  const job = (await watched(id)).at(-1)!;
  expect(job.state).toBe('cancelled');
  expect(resultOf(job)!.trials.length).toBeGreaterThan(0);
  expect(await test.plane.stores.models.find('tuned', 2)).toBeUndefined();
});

it('refuses what cannot be tried before anything is queued', async () => {
  const before = (await call<JobView[]>('/v1/jobs')).length;
  for (const [change, code] of [
    [{ networks: ['huge'] }, 'bad-request'],
    [{ networks: [] }, 'bad-request'],
    [{ sizes: [32, 64] }, 'bad-request'],
    [{ epochs: 1 }, 'bad-request'],
    [{ budgetMinutes: 0 }, 'bad-request'],
    [{ dataset: 'pears' }, 'dataset-unknown'],
  ] as const)
    expect((await order(change)).code, JSON.stringify(change)).toBe(code);
  expect(await call<JobView[]>('/v1/jobs')).toHaveLength(before);
});
