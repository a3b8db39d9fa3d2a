import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import {
  type AlertView,
  defaultShadowPlan,
  type JobView,
  type RetrainProposal,
  type SampleList,
} from '@pomona/wire';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { drawnRelease, drawWindows } from '../testing/drift-windows.ts';
import { drawView, inputSize, labels, saveChampion } from '../testing/retrainable-model.ts';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';
import {
  enrolTestStation,
  type StationIdentity,
  TestStation,
  testBoot,
  testGrades,
} from '../testing/test-station.ts';

const windowFruits = 100;
let folder: string;
let test: TestControlPlane;
let identity: StationIdentity;
let seq: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-drift-loop-'));
  seq = 0;
  test = await startTestControlPlane({ dataFolder: folder });
  await saveChampion(test);
  identity = await enrolTestStation(test.plane, 'left');
});
afterEach(async () => {
  await test.plane.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function restart(): Promise<void> {
  await test.plane.stop();
  test = await startTestControlPlane({ dataFolder: folder });
}

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const { plane } = test;
  const answer = await fetch(plane.urls.console + path, {
    method,
    headers: {
      authorization: `Bearer ${plane.localToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(answer.ok, `${method} ${path}: ${answer.status}`).toBe(true);
  return (await answer.json()) as T;
}

const alerts = async () => (await call<AlertView[]>('GET', '/v1/alerts')).map(({ kind }) => kind);
const proposals = () => call<RetrainProposal[]>('GET', '/v1/retrain/proposals');
const retrainings = async () =>
  (await call<JobView[]>('GET', '/v1/jobs')).filter(({ kind }) => kind === 'retrain');

/** Windows of fruit, as a station counts them; `unsure` takes that much of the model's confidence. */
async function pass(windows: number, unsure = 0): Promise<void> {
  const station = await TestStation.connect(test.plane, identity);
  for (const window of drawWindows(windows, windowFruits, 10 + seq, { unsure }, seq))
    await station.send('drift', window);
  seq += windows;
  await eventually(async () =>
    (await call<{ station: string; windowCount: number }[]>('GET', '/v1/drift')).some(
      ({ windowCount }) => windowCount === seq,
    ),
  );
  await station.end();
}

async function labelFruit(count: number): Promise<void> {
  const station = await TestStation.connect(test.plane, identity);
  const { at } = testGrades([1]);
  for (let i = 0; i < count; i++) {
    const views = [deflateRawSync(drawView(labels[i % 2]!)).toString('base64')];
    const fruit = { seq: 1_000 + i, at, lane: 0, grade: 'good', probabilities: [0.55, 0.45] };
    const head = {
      v: 1,
      boot: testBoot,
      seq: i,
      at,
      release: drawnRelease,
      labels,
      size: inputSize,
    } as const;
    await station.send('samples', { ...head, reason: 'uncertain', fruit, views });
  }
  await station.end();
  const stored = async () => (await call<SampleList>('GET', '/v1/samples?limit=100')).samples;
  await eventually(async () => (await stored()).length === count);
  for (const { id, fruit } of await stored())
    await call('PUT', `/v1/samples/${id}/label`, { label: labels[fruit!.seq % 2] });
}

async function setTargets(change: object): Promise<void> {
  const { targets } = await test.plane.stores.project.read();
  await call('PUT', '/v1/project', { ...targets, minRetrainLabels: 8, ...change });
}

it('drift of the model leads to one proposal, over restarts, and to a retraining when a person approves', async () => {
  await setTargets({});
  await pass(8);
  await labelFruit(16);
  await new Promise((resolve) => setTimeout(resolve, 1_200));
  expect([await alerts(), await proposals()]).toEqual([[], []]);

  await pass(4, 0.3);
  await eventually(async () => (await alerts()).includes('drift-model'), 8_000);
  await restart();
  await eventually(async () => (await proposals()).length > 0, 8_000);
  await pass(3, 0.3);
  await restart();
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await proposals()).toMatchObject([{ id: 1, model: 'apples', state: 'proposed', job: null }]);
  expect((await alerts()).toSorted()).toEqual(['drift-model', 'retrain-proposed']);
  expect(await retrainings()).toEqual([]);

  const approved = await call<RetrainProposal>('POST', '/v1/retrain/proposals/1/approve');
  expect(approved).toMatchObject({ state: 'approved', actor: 'local' });
  await eventually(async () => (await retrainings())[0]?.state === 'running');
  expect(await retrainings()).toMatchObject([
    { id: approved.job, actor: 'local', request: { name: 'apples' } },
  ]);
}, 40_000);

it('begins by itself where the project says so, in the rule’s name and with the project’s shadow phase', async () => {
  const shadow = { ...defaultShadowPlan, fruitsMin: 300, agreementMin: 0.9 };
  await setTargets({
    autoApproveRetraining: true,
    retrainShadow: { fruitsMin: 300, agreementMin: 0.9 },
  });
  await labelFruit(16);
  await pass(8);
  await pass(4, 0.3);
  await eventually(async () => (await proposals())[0]?.state === 'approved', 10_000);
  expect(await proposals()).toMatchObject([{ id: 1, actor: 'rule' }]);
  await eventually(async () => (await retrainings())[0]?.state === 'running');
  expect(await retrainings()).toMatchObject([
    { actor: 'rule', request: { rollout: { query: { release: ['apples@1'] }, plan: { shadow } } } },
  ]);
  expect((await alerts()).includes('retrain-proposed')).toBe(false);
}, 40_000);
