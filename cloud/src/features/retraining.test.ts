import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { defaultRecipe } from '@pomona/grading';
import {
  type JobView,
  type ProjectView,
  type RetrainProposal,
  type RolloutView,
  type SampleList,
  systemClock,
} from '@pomona/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { datasetFolderOf, readDataset } from '../adapters/dataset/dataset-folder.ts';
import { freezeCommand } from '../cli/dataset-freeze.ts';
import { fitCommand } from '../cli/recipe-fit.ts';
import { buildCommand } from '../cli/release-build.ts';
import { RecordingLogger } from '../testing/recording-logger.ts';
import { drawView, inputSize, labels, saveChampion, viewsPerFruit } from '../testing/retrainable-model.ts';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';
import { enrolTestStation, TestStation, testBoot, testGrades, testStatus } from '../testing/test-station.ts';
import { Alerts } from '../use-cases/alerts.ts';

let test: TestControlPlane;
let station: TestStation;
const auth = () => ({ authorization: `Bearer ${test.plane.localToken}` });

beforeAll(async () => {
  test = await startTestControlPlane();
  await saveChampion(test);
  station = await TestStation.connect(test.plane, await enrolTestStation(test.plane, 'left'));
});
afterAll(async () => {
  await station.end();
  await test.remove();
});

async function call<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  const answer = await fetch(test.plane.urls.console + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...auth() },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as T };
}

async function get<T>(path: string): Promise<T> {
  return (await call<T>('GET', path)).body;
}

const list = () => get<SampleList>('/v1/samples?limit=100');
const proposals = () => get<RetrainProposal[]>('/v1/retrain/proposals');

async function jobEnds(id: number): Promise<JobView> {
  let job: JobView | undefined;
  await eventually(async () => {
    job = await get<JobView>(`/v1/jobs/${id}`);
    return job.endedAt !== null;
  }, 60_000);
  return job!;
}

async function setTargets(change: object): Promise<void> {
  const { targets } = await get<ProjectView>('/v1/project');
  expect((await call('PUT', '/v1/project', { ...targets, ...change })).status).toBe(200);
}

/** The station says that it runs the champion. */
async function runChampion(): Promise<void> {
  const at = new Date().toISOString();
  const release = { name: 'apples', version: 1, digest: 'a'.repeat(64) };
  await station.send('status', testStatus('online'));
  await station.send('reported', {
    ...{ v: 1, boot: testBoot, seq: 1, at, desiredCounter: 0, recipeVersion: 1 },
    update: { state: 'active', release, fetchedBytes: 0, totalBytes: 0, reason: null },
    running: { release, variant: 'fp32', since: at },
  });
}

it('refuses a misspelt name before anything is frozen or trained, and says what there is', async () => {
  await runChampion();
  const refused: readonly [object, object][] = [
    [{ model: 'aples' }, { code: 'model-unknown', hint: expect.stringMatching(/^There is apples\./) }],
    [{ base: 'darwn' }, { code: 'dataset-unknown', hint: expect.stringMatching(/^There is drawn\./) }],
    [
      { base: 'drawn@0000' },
      {
        message: 'there is no dataset drawn@0000',
        hint: expect.stringMatching(/^There is drawn@[0-9a-f]{12}\./),
      },
    ],
    [
      { rollout: { query: { station: ['left', 'lfet'] } } },
      {
        ...{ code: 'place-unknown', message: 'there is no station lfet' },
        hint: expect.stringMatching(/^There is station left\. Name one of those/),
      },
    ],
    [
      { rollout: { query: { board: ['rpi-55'] } } },
      { code: 'rollout-empty', message: 'no station matches board rpi-55' },
    ],
  ];
  for (const [request, problem] of refused)
    expect((await call('POST', '/v1/retrain', request)).body).toMatchObject(problem);
  expect(await get('/v1/jobs')).toEqual([]);
  expect(await test.plane.stores.datasets.list()).toHaveLength(1);
});

it('makes a version and a model of what people labelled, and counts old and new fruit apart', async () => {
  expect((await call('POST', '/v1/retrain', {})).body).toMatchObject({ code: 'samples-too-few' });
  const { at } = testGrades([1]);
  const release = { name: 'apples', version: 1, digest: 'a'.repeat(64) };
  for (let seq = 0; seq < 16; seq++) {
    const grade = labels[seq % 2]!;
    // As the line has it: some fruit is seen less often than those of the dataset, some more often.
    const views = Array.from({ length: 2 + (seq % 3) }, () =>
      deflateRawSync(drawView(grade)).toString('base64'),
    );
    const fruit = { seq: 1000 + seq, at, lane: 0, grade: 'good', probabilities: [0.55, 0.45] };
    const head = { v: 1, boot: testBoot, seq, at, release, labels, size: inputSize } as const;
    await station.send('samples', { ...head, reason: 'uncertain', fruit, views });
  }
  // Another model's: with crops of its own size, and with such as would fit.
  for (const [seq, size] of [
    [16, 16],
    [17, inputSize],
  ] as const) {
    const views = [deflateRawSync(new Uint8Array(size ** 2 * 3)).toString('base64')];
    const fruit = { seq: 1000 + seq, at, lane: 0, grade: 'good', probabilities: [0.55, 0.45] };
    const head = { v: 1, boot: testBoot, seq, at, release: { ...release, name: 'pears' }, labels } as const;
    await station.send('samples', { ...head, size, reason: 'uncertain', fruit, views });
  }
  await eventually(async () => (await list()).samples.length === 18);
  for (const { id, fruit } of (await list()).samples)
    await call('PUT', `/v1/samples/${id}/label`, { label: labels[fruit!.seq % 2] });
  expect(await get<SampleList>('/v1/samples?model=pears')).toMatchObject({
    samples: [{ release: { name: 'pears' } }, { release: { name: 'pears' } }],
    counts: { labelled: 2, unlabelled: 0 },
  });

  await runChampion();
  await setTargets({ retrainShadow: { fruitsMin: 20 } });
  const { status, body: job } = await call<JobView>('POST', '/v1/retrain', { epochs: 1, rollout: {} });
  expect([status, job.kind]).toEqual([202, 'retrain']);
  const { name, digest } = job.request.dataset as { name: string; digest: string };
  const { file } = await readDataset(datasetFolderOf(test.folder, name, digest));
  expect([file.groups, file.images.length, file.viewsPerFruit]).toEqual([
    46,
    46 * viewsPerFruit,
    viewsPerFruit,
  ]);
  const base = await test.plane.stores.datasets.find(
    'drawn',
    (await test.plane.stores.models.find('apples', 1))!.dataset.digest,
  );
  const { file: old } = await readDataset(datasetFolderOf(test.folder, name, base!.digest));
  expect(file.images.slice(0, old.images.length)).toEqual(old.images);
  const added = file.images.slice(old.images.length);
  expect(new Set(added.map(({ split }) => split)).size).toBe(3);
  expect(added.every(({ defects }) => defects === undefined)).toBe(true);

  // The same at a command, without a training.
  await freezeCommand()
    .parseAsync(['drawn', '--data', test.folder, '--reason', 'random'], { from: 'user' })
    .then(
      () => expect.fail('there is no such fruit'),
      (error: unknown) => expect(error).toMatchObject({ code: 'samples-too-few' }),
    );
  const frozen = async (...options: string[]) => {
    await freezeCommand().parseAsync([`drawn@${base!.digest}`, '--data', test.folder, ...options], {
      from: 'user',
    });
    return (await test.plane.stores.datasets.list()).filter(({ groups }) => groups === 46);
  };
  // What is in it names it, so the first is the version that is there.
  expect((await frozen()).map((each) => each.digest)).toEqual([digest]);
  expect((await frozen('--seed', '2')).map(({ images }) => images)).toEqual([
    46 * viewsPerFruit,
    46 * viewsPerFruit,
  ]);

  expect(await jobEnds(job.id)).toMatchObject({
    ...{ state: 'done', error: null },
    result: { version: 2, failedGates: [], rollout: 1, notRolledOut: null },
  });
  const model = await test.plane.stores.models.find('apples');
  expect(model).toMatchObject({ version: 2, dataset: { digest } });
  const parity = model!.gates?.find(({ name }) => name === 'export-parity');
  expect([parity?.verdict, parity?.limit]).toEqual(['passed', 0.0001]);
  const groups = model!.evaluation.byGroup;
  expect(groups.map(({ group }) => group)).toEqual(['base', 'samples']);
  const { accuracy } = (await jobEnds(job.id)).result as { accuracy: object };
  expect(accuracy).toEqual({ base: groups[0]!.accuracy, samples: groups[1]!.accuracy });
  expect(await test.plane.stores.models.aliases('apples')).toMatchObject([
    { alias: 'candidate', version: 2, actor: 'local' },
    { alias: 'champion', version: 1 },
  ]);
  expect(await get<RolloutView[]>('/v1/rollouts')).toMatchObject([
    {
      ...{ id: 1, release: { version: 2 }, query: { release: ['apples@1'] }, stations: 1, actor: 'local' },
      // As the project has it, and not yet graded with anywhere.
      ...{ plan: { shadow: { fruitsMin: 20, forS: 3_600 } }, shadow: { endedAt: null, fruits: 0 } },
    },
  ]);
}, 90_000);

it('is proposed after an alert, and begins when that is approved', async () => {
  const { stores } = test.plane;
  await setTargets({ minRetrainLabels: 2 });
  const alerts = new Alerts({ store: stores.alerts, clock: systemClock, logger: new RecordingLogger() });
  const texts = { title: 'The model is otherwise sure than before', detail: 'Label some of this fruit.' };
  await alerts.raiseAlert({
    kind: 'drift-model',
    severity: 'warning',
    station: 'left',
    ...texts,
    evidence: {},
  });
  // What was said already would teach nothing new.
  for (const { id, label } of (await get<SampleList>('/v1/samples?model=apples&limit=2')).samples)
    await call('PUT', `/v1/samples/${id}/label`, { label: label === 'good' ? 'bad' : 'good' });
  await eventually(async () => (await proposals()).length === 1);
  expect(await proposals()).toMatchObject([{ id: 1, model: 'apples', state: 'proposed' }]);
  const { body: approved } = await call<RetrainProposal>('POST', '/v1/retrain/proposals/1/approve');
  expect(approved).toMatchObject({ state: 'approved', actor: 'local', job: 2 });
  const late = await call('POST', '/v1/retrain/proposals/1/decline', { reason: 'too late' });
  expect(late).toMatchObject({ status: 409, body: { code: 'proposal-decided' } });
  expect(await get<JobView>('/v1/jobs/2')).toMatchObject({
    request: { rollout: { query: { release: ['apples@1'] } } },
  });
  await call('POST', '/v1/jobs/2/cancel');
  expect((await jobEnds(2)).state).toBe('cancelled');
  await eventually(async () => (await proposals())[0]?.state === 'proposed');
  expect((await call('POST', '/v1/retrain/proposals/1/decline', { reason: 'no time' })).body).toMatchObject({
    ...{ state: 'declined', actor: 'local', reason: 'no time', job: 2 },
  });
}, 30_000);

it('is built anew at a command, and its views are weighed by fruit that is known', async () => {
  const { models } = test.plane.stores;
  const learnt = (await models.find('apples', 2))!;
  await buildCommand().parseAsync(['apples@2', '--data', test.folder], { from: 'user' });
  const built = (await models.find('apples'))!;
  expect(built).toMatchObject({ parent: { name: 'apples', version: 2 }, dataset: learnt.dataset });
  expect(built.version).toBeGreaterThan(2);
  expect(built.weightsDigest).toBe(learnt.weightsDigest);
  expect(built.evaluation.confusion).toEqual(learnt.evaluation.confusion);

  const file = join(test.folder, 'recipe.json');
  const out = join(test.folder, 'fitted.json');
  await writeFile(file, JSON.stringify(defaultRecipe(labels, 4)));
  const fit = () =>
    fitCommand().parseAsync([file, '--model', 'apples', '--data', test.folder, '--out', out], {
      from: 'user',
    });
  await fit();
  const fitted = JSON.parse(await readFile(out, 'utf8'));
  expect(fitted).toMatchObject({ version: 5, fusion: { method: expect.stringMatching(/meanLog|weights/) } });
  // What is there is somebody's.
  await expect(fit()).rejects.toMatchObject({ code: 'file-exists' });
}, 60_000);
