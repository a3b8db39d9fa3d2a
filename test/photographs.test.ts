/** A box of photographs that nobody sorted, until a network learns from them. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { datasetFolderOf, readDataset } from '@pomona/cloud';
import {
  drawSpottedPhotograph,
  eventually,
  startTestControlPlane,
  type TestControlPlane,
  writeZip,
  type ZipFile,
} from '@pomona/cloud/testing';
import type {
  CreatedToken,
  DatasetView,
  LabelEntry,
  PhotographCounts,
  Problem,
  SampleList,
  SampleView,
  UploadView,
} from '@pomona/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './support/cli.ts';

const sessions = 6;
const perSession = 5;
const skins = { good: {}, bad: { skin: '#5a4020' } };

let test: TestControlPlane;
const people: Record<string, string> = {};
let files: ZipFile[];

beforeAll(async () => {
  test = await startTestControlPlane();
  for (const [name, role] of [
    ['ann', 'operator'],
    ['ben', 'operator'],
    ['cleo', 'viewer'],
  ] as const) {
    const { body } = await call<CreatedToken>('POST', '/v1/tokens', { name, role });
    people[name] = body.token;
  }
  files = [];
  for (let session = 0; session < sessions; session++)
    for (let i = 0; i < perSession; i++) {
      const [name, skin] = Object.entries(skins)[i % 2]!;
      let seed = 1_000 * (1 + session * perSession + i);
      const draw = () => drawSpottedPhotograph(seed++, skin).jpeg().toBuffer();
      let bytes = await draw();
      // Of the first two sessions a second person looks at the first, whatever the encoder makes of it.
      while (session < 2 && i === 0 && !isForSecond(bytes)) bytes = await draw();
      files.push({ name: `day-${session}/${i}-${name}.jpg`, bytes });
    }
  const dark = await drawSpottedPhotograph(90).linear(0.07).jpeg().toBuffer();
  files.push({ name: 'day-0/dark.jpg', bytes: dark });
  files.push({ name: 'day-0/copy.jpg', bytes: files[0]!.bytes });
  files.push({ name: 'day-0/notes.txt', bytes: Buffer.from('taken at the gate') });
}, 60_000);
afterAll(() => test.remove());

/** The tenth at which a second person looks (ADR 28). */
function isForSecond(photograph: Uint8Array): boolean {
  const hash = createHash('sha256')
    .update(`box/${digestOf(photograph)}/0`)
    .digest('hex');
  return Number.parseInt(hash.slice(0, 8), 16) / 2 ** 32 < 0.1;
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function call<T>(
  method: string,
  path: string,
  body?: object,
  token = test.plane.localToken,
): Promise<{ status: number; body: T }> {
  const isFile = body instanceof Uint8Array;
  const answer = await fetch(test.plane.urls.console + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': isFile ? 'application/zip' : 'application/json',
    },
    ...(body === undefined ? {} : { body: isFile ? Buffer.from(body) : JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as T };
}

async function upload(name: string, zip: readonly ZipFile[], query: string): Promise<UploadView> {
  const path = `/v1/datasets/${name}/uploads`;
  const { body } = await call<UploadView>('POST', `${path}?${query}`, writeZip(zip));
  let view = body;
  await eventually(async () => {
    view = (await call<UploadView>('GET', `${path}/${body.id}`)).body;
    return view.state === 'done' || view.state === 'failed';
  }, 60_000);
  return view;
}

const samples = async (query: string, person?: string) =>
  (await call<SampleList>('GET', `/v1/samples?${query}&limit=500`, undefined, person && people[person])).body;
const truthOf = ({ photograph }: SampleView) => (photograph!.path.includes('good') ? 'good' : 'bad');
const say = (id: number, what: string, label: string | null, person: string) =>
  call<SampleView & Problem>('PUT', `/v1/samples/${id}/${what}`, { label }, people[person]);
const freeze = (name: string, body: object = {}) =>
  call<DatasetView & Problem>('POST', `/v1/datasets/${name}/freeze`, body);
const imagesOf = async ({ name, digest }: DatasetView) =>
  (await readDataset(datasetFolderOf(test.folder, name, digest))).file.images;

describe('a box of photographs that nobody sorted', () => {
  let first: DatasetView;

  it('waits for labels, each with its group, and what is wrong with a photograph said', async () => {
    const view = await upload('box', files, 'unsorted=true&grades=good,bad&size=32');
    expect(view).toMatchObject({ state: 'done', dataset: null, problem: null, quarantined: 3, notes: [] });
    expect(view.waiting).toEqual({ added: sessions * perSession + 1, known: 0 });
    const { samples: queue, counts } = await samples('order=queue&dataset=box');
    expect(counts).toEqual({ labelled: 0, unlabelled: 30, quarantined: 1 });
    expect(queue).toHaveLength(30);
    expect(queue[0]).toMatchObject({
      ...{ station: null, fruit: null, release: null, reason: 'photograph', labels: ['good', 'bad'] },
      photograph: { dataset: 'box', refused: null },
      queue: { why: [expect.stringContaining('no model has seen'), expect.stringContaining('of box')] },
    });
    // No three photographs of one session in a row.
    const groups = queue.map(({ photograph }) => photograph!.group);
    expect(groups.slice(2).filter((group, i) => group === groups[i] && group === groups[i + 1])).toEqual([]);
    const [dark, ...others] = (await samples('state=quarantined')).samples;
    expect(others).toEqual([]);
    expect(dark!.photograph).toMatchObject({
      path: 'day-0/dark.jpg',
      refused: expect.stringContaining('less than'),
    });
    for (const file of ['image.png', 'photograph.jpg']) {
      const answer = await fetch(`${test.plane.urls.console}/v1/samples/${dark!.id}/${file}`, {
        headers: { authorization: `Bearer ${people.cleo}` },
      });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        file === 'image.png' ? 'image/png' : 'image/jpeg',
      ]);
      await answer.arrayBuffer();
    }
    expect(await freeze('crate')).toMatchObject({ status: 404, body: { code: 'photographs-none' } });
    expect(await freeze('box')).toMatchObject({
      status: 422,
      body: { code: 'dataset-empty', message: expect.stringMatching(/none is labelled/) },
    });
  });

  it('is labelled by one person and looked at by another, as fruit of the lines is', async () => {
    const { samples: queue } = await samples('order=queue&dataset=box');
    const wanted = new Set(
      files.filter(({ bytes }) => isForSecond(bytes)).map(({ bytes }) => digestOf(bytes)),
    );
    const isWanted = ({ photograph }: SampleView) => wanted.has(photograph!.original);
    const left = new Set(queue.filter((sample) => !isWanted(sample)).slice(-2));
    for (const sample of queue) if (!left.has(sample)) await say(sample.id, 'label', truthOf(sample), 'ann');
    const second = await samples('state=second&dataset=box', 'ben');
    expect(new Set(second.samples.map(({ id }) => id))).toEqual(
      new Set(queue.filter(isWanted).map(({ id }) => id)),
    );
    expect(second.samples.length).toBeGreaterThan(1);
    expect(second.samples.every(({ label }) => label === null)).toBe(true);
    expect((await say(second.samples[0]!.id, 'opinion', 'good', 'ann')).body.code).toBe('opinion-own');
    const other = truthOf(second.samples[0]!) === 'good' ? 'bad' : 'good';
    expect((await say(second.samples[0]!.id, 'opinion', other, 'ben')).body.review).toBe('disputed');
    for (const sample of second.samples.slice(1)) await say(sample.id, 'opinion', truthOf(sample), 'ben');
    const agreement = await call<{ overall: { fruits: number; agreed: number } }>(
      'GET',
      '/v1/samples/agreement',
    );
    const { length } = second.samples;
    expect(agreement.body.overall).toMatchObject({ fruits: length, agreed: length - 1 });
    expect((await call<PhotographCounts[]>('GET', '/v1/photographs')).body).toEqual([
      { dataset: 'box', photographs: 31, labelled: 28, unlabelled: 2, disputed: 1, quarantined: 1 },
    ]);
  });

  it('becomes a version that is split by group, and counts what it leaves out', async () => {
    const { status, body } = await freeze('box');
    expect(status).toBe(201);
    first = body;
    expect(first).toMatchObject({
      ...{ name: 'box', labels: ['good', 'bad'], inputSize: 32, images: 27, quarantined: [] },
      leftOut: [
        { grade: 'disputed', count: 1 },
        { grade: 'quarantined', count: 1 },
        { grade: 'unlabelled', count: 2 },
      ],
    });
    const images = await imagesOf(first);
    expect(
      images.every(({ labelled, source, grade }) => labelled?.by === 'ann' && source.includes(grade)),
    ).toBe(true);
    const splits = new Map<string, Set<string>>();
    for (const { group, split } of images) splits.set(group, (splits.get(group) ?? new Set()).add(split));
    expect(splits.size).toBe(sessions);
    expect([...splits.values()].every(({ size }) => size === 1)).toBe(true);
    // The same labels, the same version.
    expect((await freeze('box')).body.digest).toBe(first.digest);
  });

  it('takes what was quarantined from whoever grades it, and says so in the next version', async () => {
    const [dark] = (await samples('state=quarantined&dataset=box')).samples;
    await say(dark!.id, 'label', 'good', 'ann');
    expect((await samples('state=quarantined')).samples).toEqual([]);
    const { body } = await freeze('box');
    expect(body.images).toBe(28);
    expect(body.accepted).toMatchObject([{ path: 'day-0/dark.jpg', by: 'ann', why: 'graded good by hand' }]);
  });

  it('has a wrong label put right, with its history, and the older version by the labels of then', async () => {
    const then = new Date().toISOString();
    const [wrong] = (await samples('state=labelled&dataset=box')).samples.filter(
      ({ review, photograph }) => review === 'none' && photograph!.refused === null,
    );
    const right = wrong!.label === 'good' ? 'bad' : 'good';
    await eventually(() => Date.now() > Date.parse(then));
    expect((await say(wrong!.id, 'label', right, 'ben')).body.label).toBe(right);
    const history = await call<LabelEntry[]>('GET', `/v1/samples/${wrong!.id}/labels`);
    expect(history.body.map(({ actor, label, before }) => [actor, before, label])).toEqual([
      ['ann', null, wrong!.label],
      ['ben', wrong!.label, right],
    ]);
    const gradeIn = async (view: DatasetView) =>
      (await imagesOf(view)).find(({ source }) => source === wrong!.photograph!.path)?.grade;
    expect(await gradeIn((await freeze('box')).body)).toBe(right);
    expect(await gradeIn((await freeze('box', { labelsAt: then })).body)).toBe(wrong!.label);
  });

  it('keeps its labels when the folder is imported once more', async () => {
    const before = (await samples('state=labelled&dataset=box')).samples.map(({ id, label }) => [id, label]);
    const view = await upload('box', files, 'unsorted=true&grades=good,bad&size=32');
    expect(view.waiting).toEqual({ added: 0, known: 31 });
    const after = (await samples('state=labelled&dataset=box')).samples.map(({ id, label }) => [id, label]);
    expect(after).toEqual(before);
  });

  it('keeps each group in its split when another box comes, and says so', async () => {
    const before = (await freeze('box')).body;
    const more = await Promise.all(
      Object.entries(skins).map(async ([name, skin], i) => ({
        name: `day-${8 + i}/${name}.jpg`,
        bytes: await drawSpottedPhotograph(90_000 + i, skin)
          .jpeg()
          .toBuffer(),
      })),
    );
    await upload('box', more, 'unsorted=true&grades=good,bad&size=32');
    const { samples: fresh } = await samples('state=unlabelled&dataset=box');
    for (const sample of fresh.filter(({ photograph }) => /day-[89]/.test(photograph!.path)))
      await say(sample.id, 'label', truthOf(sample), 'ann');
    const { body: after } = await freeze('box', { seed: 77 });
    expect(after.images).toBe(before.images + 2);
    const splitsOf = async (view: DatasetView) =>
      new Map((await imagesOf(view)).map(({ group, split }) => [group, split]));
    const now = await splitsOf(after);
    for (const [group, split] of await splitsOf(before))
      expect([group, now.get(group)]).toEqual([group, split]);
    expect(after.keptSplit).toBe(
      `${sessions} of ${sessions + 2} groups are in the split that an earlier version gave them; 2 not seen before fill it up`,
    );
  });

  it('is what a network learns from', async () => {
    const { body: job } = await call<{ id: number }>('POST', '/v1/jobs/train', {
      ...{ dataset: 'box', name: 'boxed', network: 'sequential', epochs: 1, seed: 1 },
    });
    let ended: { endedAt: string | null; error: unknown; result: unknown } | undefined;
    await eventually(async () => {
      ended = (await call<typeof ended>('GET', `/v1/jobs/${job.id}`)).body;
      return ended?.endedAt !== null;
    }, 120_000);
    expect(ended!.error).toBeNull();
    expect((await test.plane.stores.models.find('boxed', 1))!.dataset.name).toBe('box');
  }, 150_000);
});

describe('photographs of which no version can be made', () => {
  it('are kept where all are refused, and taken from there by name', async () => {
    const dim = async (grade: keyof typeof skins, seed: number) => ({
      name: `${grade}/${seed}.jpg`,
      bytes: await drawSpottedPhotograph(seed, skins[grade]).linear(0.5).jpeg().toBuffer(),
    });
    const zip = await Promise.all([
      dim('good', 7_001),
      dim('good', 7_002),
      dim('bad', 7_003),
      dim('bad', 7_004),
    ]);
    const { targets } = await test.plane.stores.project.read();
    const write = (change: object) => test.plane.stores.project.write({ ...targets, ...change }, 'test', 0);
    await write({ imageLimits: { minLuma: 200 } });
    const view = await upload('dim', zip, 'grades=good,bad&size=32');
    expect(view.problem).toMatchObject({
      code: 'dataset-empty',
      hint: expect.stringContaining('pomona dataset accept dim PATH'),
    });
    const paths = zip.map(({ name }) => name);
    const why = 'taken at dusk';
    const half = await freeze('dim', { accept: { paths: paths.slice(0, 2), why } });
    expect(half.body).toMatchObject({
      code: 'dataset-one-class',
      hint: expect.stringContaining('accept dim'),
    });
    expect((await freeze('dim', { accept: { paths: ['good/none.jpg'], why } })).body.code).toBe(
      'not-quarantined',
    );
    const cli = await runCli([
      ...['dataset', 'accept', 'dim', paths[0]!, paths[2]!],
      ...['--why', why, '--data', test.folder, '--json'],
    ]);
    expect(JSON.parse(cli.stdout)).toMatchObject({
      ...{ name: 'dim', images: 2, labels: ['good', 'bad'] },
      accepted: [
        { path: paths[2], why },
        { path: paths[0], why },
      ],
      quarantined: [{ path: paths[3] }, { path: paths[1] }],
    });
    const waiting = (await test.plane.stores.samples.list({ state: 'quarantined', dataset: 'dim' })).map(
      ({ photograph }) => photograph?.path,
    );
    expect(waiting.sort()).toEqual([paths[3], paths[1]]);
    // Other limits, and nothing else is needed.
    await write({});
    expect((await freeze('dim')).body).toMatchObject({ images: 4, quarantined: [] });
  });
});

describe('verifying a folder', () => {
  it('counts a photograph beyond each of its limits, names twins, and says what is of another grade', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'verify-'));
    const write = async (path: string, seed: number, light = 1) => {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      await drawSpottedPhotograph(seed).linear(light).jpeg().toFile(join(folder, path));
    };
    await write('good/sharp.jpg', 1);
    await write('good/brighter.jpg', 1, 1.06);
    await write('good/other.jpg', 2);
    await write('good/dim.jpg', 90, 0.07);
    await write('rot/soft.jpg', 4);
    const { stdout } = await runCli(['dataset', 'verify', folder, '--data', test.folder]);
    rmSync(folder, { recursive: true });
    expect(stdout).toContain('left out, not of the grades that were asked for: 1 rot');
    expect(stdout).toMatch(/photograph +shows all but the same as\n.*good\/sharp\.jpg +good\/brighter\.jpg/);
    expect(stdout).toContain('`minSharpness` of `imageLimits` to 6 or more');
    // The reason is the first of them.
    const beyond = (figure: string) => new RegExp(`^${figure} .* (\\d+)$`, 'm').exec(stdout)?.[1];
    expect([beyond('outline'), beyond('luma'), beyond('fill')]).toEqual(['1', '1', '0']);
  });
});

describe('photographs that were sorted', () => {
  const sorted = (grade: string) =>
    files
      .filter(({ name }) => name.includes(grade))
      .map(({ name, bytes }) => ({ name: `${grade}/${name.replaceAll('/', '-')}`, bytes }));

  it('can be graded otherwise by a person, whose word stands against the same folder', async () => {
    const zip = [...sorted('good'), ...sorted('bad')];
    const { dataset } = await upload('sorted', zip, 'grades=good,bad&size=32');
    const [wrong] = (await samples('dataset=sorted')).samples;
    expect(wrong).toMatchObject({ review: 'none', labelledBy: 'local' });
    const right = wrong!.label === 'good' ? 'bad' : 'good';
    await say(wrong!.id, 'label', right, 'ann');
    await upload('sorted', zip, 'grades=good,bad&size=32');
    const { body } = await freeze('sorted');
    expect(body.images).toBe(dataset!.images);
    const grades = new Map((await imagesOf(body)).map(({ original, grade }) => [original, grade]));
    expect(grades.get(wrong!.photograph!.original)).toBe(right);
    for (const { original, grade } of await imagesOf(dataset!))
      if (original !== wrong!.photograph!.original) expect(grades.get(original)).toBe(grade);
  });
});
