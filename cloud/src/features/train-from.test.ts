import type { JobView, ModelView } from '@pomona/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { saveChampion } from '../testing/retrainable-model.ts';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';

let test: TestControlPlane;

beforeAll(async () => {
  test = await startTestControlPlane();
  await saveChampion(test);
});
afterAll(() => test.remove());

async function call<T>(path: string, body?: object): Promise<T> {
  const answer = await fetch(test.plane.urls.console + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${test.plane.localToken}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as T;
}

const train = (body: object) =>
  call<JobView & { readonly code?: string; readonly message?: string }>('/v1/jobs/train', {
    ...{ dataset: 'drawn', name: 'pears', epochs: 1, seed: 3 },
    ...body,
  });

async function trained(body: object): Promise<ModelView> {
  const { id } = await train(body);
  let job: JobView | undefined;
  await eventually(async () => {
    job = await call<JobView>(`/v1/jobs/${id}`);
    return job.endedAt !== null;
  }, 60_000);
  expect(job!.error).toBeNull();
  const { version } = job!.result as { readonly version: number };
  return (await test.plane.stores.models.find('pears', version))!;
}

it('goes on from a version, and reports what both say of old and new images on the same cases', async () => {
  const first = await trained({ network: 'sequential' });
  expect(first.heldAgainst).toBeUndefined();
  const second = await trained({ from: 'pears', recipe: { labelSmoothing: 0.1, groupBalance: 0.5 } });
  expect(second.parameters).toMatchObject({ labelSmoothing: 0.1, groupBalance: 0.5, epochs: 1 });
  expect(second).toMatchObject({ parent: { name: 'pears', version: 1 }, network: 'sequential' });
  const [held, ...others] = second.heldAgainst!;
  expect(others).toEqual([]);
  // The same dataset: what is held out of the one was held out of the other.
  const cases = held!.cases;
  expect(held).toMatchObject({
    ...{ model: { name: 'pears', version: 1 }, learnedCases: 0 },
    ...{ accuracy: second.evaluation.accuracy, theirAccuracy: first.evaluation.accuracy },
    byOrigin: [{ origin: 'old', cases, theirAccuracy: first.evaluation.accuracy }],
  });

  const alias = { name: 'pears', alias: 'champion', version: 1, actor: 'ada' };
  await test.plane.stores.models.setAlias({ ...alias, reason: 'first', detail: '', atMs: 0 });
  const third = await trained({ network: 'sequential', seed: 4 });
  expect(third.parent).toBeUndefined();
  expect(third.heldAgainst).toMatchObject([{ model: { name: 'pears', version: 1 } }]);
  const gate = third.gates!.find(({ name }) => name === 'macro-f1-against-champion');
  expect(gate!.detail).toContain('paired on');
});

it('refuses a version that does not fit the dataset, before anything is queued', async () => {
  const queued = async () => (await call<JobView[]>('/v1/jobs')).length;
  const before = await queued();
  expect(await train({ from: 'quinces' })).toMatchObject({ code: 'model-unknown' });
  expect(await train({ from: 'apples', network: 'compact' })).toMatchObject({
    code: 'from-unsuited',
    message: 'apples@1 is of the network sequential, not compact',
  });
  const apples = (await test.plane.stores.models.find('apples', 1))!;
  await test.plane.stores.models.save({ ...apples, version: 2, labels: ['good', 'ok', 'bad'] });
  expect(await train({ from: 'apples@2' })).toMatchObject({
    code: 'from-unsuited',
    message: 'apples@2 grades good, ok, bad; drawn has good, bad',
  });
  expect(await train({ recipe: { augmentation: { blurr: 1 } } })).toMatchObject({
    code: 'recipe-setting',
    message: 'a recipe has no augmentation.blurr',
  });
  expect(await queued()).toBe(before);
});
