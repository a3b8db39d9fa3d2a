/** From a photograph to the stations and back, over REST and on the command line, of one control plane. */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  drawSpottedPhotograph,
  eventually,
  startTestControlPlane,
  type TestControlPlane,
  writeZip,
} from '@pomona/cloud/testing';
import type { DatasetView, Lineage, ModelView, Problem, Reported, UploadView } from '@pomona/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './support/cli.ts';

let test: TestControlPlane;
let dataset: DatasetView;
let photograph: Buffer;
const day = 86_400_000;
const start = Date.parse('2026-10-01T06:00:00Z');
const dayOf = (n: number): string => new Date(start + n * day).toISOString();

beforeAll(async () => {
  test = await startTestControlPlane();
  const grades = ['good', 'bad'].flatMap((grade) => [0, 1, 2, 3].map((i) => ({ grade, i })));
  const files = await Promise.all(
    grades.map(async ({ grade, i }) => ({
      name: `box/${grade}/${i}.jpg`,
      bytes: await drawSpottedPhotograph(
        grade === 'bad' ? 10 + i : i,
        grade === 'bad' ? { skin: '#5a4020' } : {},
      )
        .jpeg()
        .toBuffer(),
    })),
  );
  photograph = files[0]!.bytes;
  dataset = await imported(writeZip(files));
  const { models, stations, runs } = test.plane.stores;
  await models.save(model(1));
  await models.save(model(2, 1));
  await models.setAlias({
    ...{ name: 'apples', alias: 'champion', version: 2, actor: 'ann', reason: 'better', detail: '' },
    atMs: start,
  });
  const station = { site: 'valley', line: 'line-2', station: 'left' };
  const { id } = await stations.ensure(station, start);
  for (const [n, version] of [1, 2].entries())
    await runs.record(id, reported(version, start + n * day), start + n * day);
}, 60_000);
afterAll(() => test.remove());

async function imported(zip: Buffer): Promise<DatasetView> {
  const headers = { ...authorization(), 'content-type': 'application/zip' };
  const url = new URL('/v1/datasets/photographs/uploads?grades=good,bad', test.plane.urls.console);
  const begun = await fetch(url, { method: 'POST', headers, body: new Uint8Array(zip) });
  const { id } = (await begun.json()) as UploadView;
  let view: UploadView | undefined;
  await eventually(async () => {
    [, view] = await get<UploadView>(`/v1/datasets/photographs/uploads/${id}`);
    return view.state === 'done' || view.state === 'failed';
  }, 60_000);
  expect(view, view?.problem?.message).toMatchObject({ state: 'done' });
  return view!.dataset!;
}

function authorization() {
  return { authorization: `Bearer ${test.plane.localToken}` };
}

async function get<T>(path: string): Promise<[number, T]> {
  const response = await fetch(new URL(path, test.plane.urls.console), { headers: authorization() });
  return [response.status, (await response.json()) as T];
}

function model(version: number, parent?: number): ModelView {
  const { name, digest } = dataset;
  return {
    ...{ name: 'apples', version, digest: String(version).repeat(64), createdAt: dayOf(version - 1) },
    ...{ labels: ['good', 'bad'], network: 'sequential', parameters: {}, seed: 1, codeRevision: 'unknown' },
    // The second one learnt from a dataset that this control plane does not have.
    dataset: parent === undefined ? { name, digest } : { name: 'elsewhere', digest: 'e'.repeat(64) },
    ...(parent === undefined ? {} : { parent: { name: 'apples', version: parent } }),
    ...{ releaseBytes: 1, trainImagesPerSecond: 1, gates: [] },
    evaluation: {
      ...{ unit: 'fruit', images: 1, groups: 1, accuracy: 1, balancedAccuracy: 1, macroF1: 1, ece: 0 },
      ...{ confusion: [], perClass: [], byGroup: [] },
    },
  };
}

function reported(version: number, sinceMs: number): Reported {
  const release = { name: 'apples', version, digest: String(version).repeat(64) };
  return { running: { release, variant: 'int8', since: new Date(sinceMs).toISOString() } } as Reported;
}

const runs = [
  { station: 'left', release: { version: 1 }, from: dayOf(0), until: dayOf(1) },
  { station: 'left', release: { version: 2 }, from: dayOf(1), until: null },
];

describe('lineage over REST', () => {
  it('goes from a photograph’s digest, the start of it or its path to where it graded', async () => {
    const original = createHash('sha256').update(photograph).digest('hex');
    for (const wanted of [original, original.slice(0, 8).toUpperCase(), 'good/0.jpg']) {
      const [status, lineage] = await get<Lineage>(`/v1/lineage?photograph=${encodeURIComponent(wanted)}`);
      expect(status).toBe(200);
      expect(lineage.photographs).toMatchObject([{ path: 'good/0.jpg', grade: 'good', original }]);
      const [{ split, dataset: held }] = lineage.photographs as [Lineage['photographs'][number]];
      expect(held).toEqual({ name: 'photographs', digest: dataset.digest });
      const as = { train: 'learnt', validation: 'validated', test: 'tested' }[split];
      expect(lineage.models[0]).toMatchObject({ version: 1, place: 'after', links: [{ as }] });
      // What it only judged is not carried on by the second version.
      expect(lineage.runs).toMatchObject(split === 'test' ? runs.slice(0, 1) : runs);
    }
  });

  it('goes from a dataset version to the models and stations', async () => {
    const [, lineage] = await get<Lineage>(`/v1/lineage?dataset=photographs@${dataset.digest.slice(0, 8)}`);
    expect(lineage).toMatchObject({
      of: { kind: 'dataset', name: `photographs@${dataset.digest}` },
      datasets: [{ images: dataset.images }],
      models: [
        { version: 1, links: [{ as: 'learnt' }], aliases: [] },
        { version: 2, links: [{ as: 'went-on', from: 'apples@1' }], aliases: ['champion'] },
      ],
      runs,
    });
  });

  it('goes both ways from a model', async () => {
    const [, newest] = await get<Lineage>('/v1/lineage?model=apples@champion');
    expect(newest.models.map(({ version, place }) => [version, place])).toEqual([
      [1, 'before'],
      [2, 'itself'],
    ]);
    expect(newest.datasets.map(({ digest }) => digest)).toEqual([dataset.digest]);
    // Where the version before it ran is no news of this one.
    expect(newest.runs).toMatchObject(runs.slice(1));
    const [, first] = await get<Lineage>('/v1/lineage?model=apples@1');
    expect(first.models.map(({ place }) => place)).toEqual(['itself', 'after']);
    expect(first.runs).toMatchObject(runs);
  });

  it('says what it does not know, and asks for one thing at a time', async () => {
    const status = async (query: string) => {
      const [code, problem] = await get<Problem>(`/v1/lineage?${query}`);
      return [code, problem.code];
    };
    expect(await status(`photograph=${'f'.repeat(64)}`)).toEqual([404, 'photograph-unknown']);
    // Seven digits may be anybody's.
    expect(await status(`photograph=${dataset.digest.slice(0, 7)}`)).toEqual([404, 'photograph-unknown']);
    expect(await status('dataset=pears')).toEqual([404, 'dataset-unknown']);
    expect(await status('model=apples@9')).toEqual([404, 'model-unknown']);
    expect(await status('model=apples&dataset=photographs')).toEqual([400, 'lineage-of-what']);
    expect(await status('')).toEqual([400, 'lineage-of-what']);
  });
});

describe('pomona lineage', () => {
  const lineage = (...args: string[]) => runCli(['lineage', ...args, '--data', test.folder]);

  it('takes the photograph’s file, and prints the way to the stations', async () => {
    const file = join(test.folder, 'mine.jpg');
    writeFileSync(file, photograph);
    const { code, stdout, stderr } = await lineage(file);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/photographs@[0-9a-f]{12} +good\/0\.jpg +good/);
    expect(stdout).toContain('apples@1');
    expect(stdout).toContain('valley/line-2/left');
    const unknown = await lineage('nowhere.jpg');
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('photograph-unknown');
  }, 30_000);

  it('prints both directions of a model', async () => {
    const { code, stdout, stderr } = await lineage('model', 'apples@2');
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/apples@1 .* before .*learnt from photographs@/);
    expect(stdout).toMatch(/apples@2 .* itself .*went on from apples@1 +champion/);
    expect(stdout).toMatch(/valley\/line-2\/left +apples@2 +int8 .* now/);
    const { stdout: json } = await lineage('model', 'apples@2', '--json');
    expect((JSON.parse(json) as Lineage).of).toEqual({ kind: 'model', name: 'apples@2' });
  }, 30_000);

  it('says which dataset version it could not look into, and still tells of the others', async () => {
    const broken = join(test.folder, 'datasets', 'pears', '9'.repeat(64));
    mkdirSync(broken, { recursive: true });
    await test.plane.stores.datasets.save({ ...dataset, name: 'pears', digest: '9'.repeat(64) });
    try {
      const [, { photographs, unreadable }] = await get<Lineage>('/v1/lineage?photograph=good/0.jpg');
      expect(photographs).toHaveLength(1);
      expect(unreadable).toMatchObject([{ name: 'pears' }]);
    } finally {
      rmSync(broken, { recursive: true });
    }
  });
});
