import { deflateRawSync } from 'node:zlib';
import { type JobView, type ModelView, type SampleList, seededRandom, systemClock } from '@pomona/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DatasetFolderStore, datasetFolderOf, readDataset } from '../adapters/dataset/dataset-folder.ts';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';
import { enrolTestStation, TestStation, testBoot, testGrades } from '../testing/test-station.ts';
import { importViews, type LabelledView } from '../use-cases/import-dataset-views.ts';

const labels = ['good', 'bad'];
const inputSize = 32;
const viewsPerFruit = 3;
const random = seededRandom(1, 'retraining');

let test: TestControlPlane;
let station: TestStation;
const auth = () => ({ authorization: `Bearer ${test.plane.localToken}` });

/** Grey where good, dark where bad, and noise. */
function view(grade: string): Uint8Array {
  const level = grade === 'good' ? 170 : 60;
  return new Uint8Array(inputSize ** 2 * 3).map(() => level + Math.floor(random.next() * 20));
}

function* drawn(): Generator<LabelledView> {
  for (let fruit = 0; fruit < 30; fruit++) {
    const grade = labels[fruit % 2]!;
    const defects = new Uint8Array(8 * 8 * 2).fill(grade === 'bad' ? 200 : 0);
    for (let i = 0; i < viewsPerFruit; i++)
      yield { crop: view(grade), grade, viewGrade: grade, group: `drawn-${fruit}`, defects };
  }
}

beforeAll(async () => {
  test = await startTestControlPlane();
  const { view: base } = await importViews(
    { store: new DatasetFolderStore(test.folder), clock: systemClock },
    { name: 'drawn', source: 'test', labels, inputSize, seed: 1, defectCells: 8 },
    drawn(),
  );
  const { stores } = test.plane;
  await stores.datasets.save(base);
  const champion = { name: 'apples', version: 1, digest: 'a'.repeat(64), network: 'sequential' };
  const createdAt = new Date(0).toISOString();
  await stores.models.save({ ...champion, createdAt, labels, dataset: base } as unknown as ModelView);
  station = await TestStation.connect(test.plane, await enrolTestStation(test.plane, 'left'));
});
afterAll(async () => {
  await station.end();
  await test.remove();
});

async function call<T>(method: string, path: string, body: unknown): Promise<{ status: number; body: T }> {
  const answer = await fetch(test.plane.urls.console + path, {
    method,
    headers: { 'content-type': 'application/json', ...auth() },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as T };
}

async function list(): Promise<SampleList> {
  return (await (
    await fetch(`${test.plane.urls.console}/v1/samples?limit=100`, { headers: auth() })
  ).json()) as SampleList;
}

it('makes a version and a model of what people labelled, and counts old and new fruit apart', async () => {
  expect((await call('POST', '/v1/retrain', {})).body).toMatchObject({ code: 'samples-too-few' });
  const { release, at } = testGrades([1]);
  for (let seq = 0; seq < 16; seq++) {
    const grade = labels[seq % 2]!;
    // As the line has it: some fruit is seen less often than those of the dataset, some more often.
    const views = Array.from({ length: 2 + (seq % 3) }, () => deflateRawSync(view(grade)).toString('base64'));
    const fruit = { seq: 1000 + seq, at, lane: 0, grade: 'good', probabilities: [0.55, 0.45] };
    const head = { v: 1, boot: testBoot, seq, at, release, labels, size: inputSize } as const;
    await station.send('samples', { ...head, reason: 'uncertain', fruit, views });
  }
  await eventually(async () => (await list()).samples.length === 16);
  for (const { id, fruit } of (await list()).samples)
    await call('PUT', `/v1/samples/${id}/label`, { label: labels[fruit.seq % 2] });

  const { status, body: job } = await call<JobView>('POST', '/v1/retrain', { epochs: 2 });
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

  const ended = async () => {
    const now = (await (
      await fetch(`${test.plane.urls.console}/v1/jobs/${job.id}`, { headers: auth() })
    ).json()) as JobView;
    if (now.state === 'failed') throw new Error(String(now.error));
    return now.state === 'done';
  };
  await eventually(ended, 60_000);
  const model = await test.plane.stores.models.find('apples');
  expect(model).toMatchObject({ version: 2, dataset: { digest } });
  expect(model!.evaluation.byGroup.map(({ group }) => group)).toEqual(['base', 'samples']);
}, 90_000);
