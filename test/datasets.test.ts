/** Photographs over REST: a ZIP file becomes a dataset version, and what is in its quarantine can be accepted. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  drawSpottedPhotograph,
  eventually,
  startTestControlPlane,
  type TestControlPlane,
  writeZip,
} from '@pomona/cloud/testing';
import type { DatasetView, Problem, SampleList, UploadView } from '@pomona/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let test: TestControlPlane;
beforeAll(async () => {
  test = await startTestControlPlane();
});
afterAll(() => test.remove());

async function call<T>(
  path: string,
  body?: string | Uint8Array<ArrayBuffer>,
  type = 'application/zip',
): Promise<[number, T]> {
  const { plane } = test;
  const response = await fetch(new URL(path, plane.urls.console), {
    headers: {
      authorization: `Bearer ${plane.localToken}`,
      ...(body === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body, method: 'POST' }),
  });
  return [response.status, (await response.json()) as T];
}

async function uploaded(path: string, zip: Buffer): Promise<UploadView> {
  const [status, { id, name }] = await call<UploadView>(path, new Uint8Array(zip));
  expect(status).toBe(202);
  let view: UploadView | undefined;
  await eventually(async () => {
    [, view] = await call<UploadView>(`/v1/datasets/${name}/uploads/${id}`);
    return view.state === 'done' || view.state === 'failed';
  }, 60_000);
  return view!;
}

describe('photographs over REST', () => {
  it('become a dataset version, and one in quarantine is taken when somebody accepts it', async () => {
    const picture = async (name: string, seed: number, light = 1) => ({
      name,
      bytes: await drawSpottedPhotograph(seed, name.includes('bad') ? { skin: '#5a4020' } : {})
        .linear(light, 0)
        .jpeg()
        .toBuffer(),
    });
    const files = await Promise.all([
      ...[0, 1, 2].flatMap((i) => [picture(`box/good/${i}.jpg`, i), picture(`box/bad/${i}.jpg`, 10 + i)]),
      picture('box/good/dusk.jpg', 20, 0.5),
    ]);
    const strict = { imageLimits: { minLuma: 60 } };
    const { targets } = await test.plane.stores.project.read();
    await test.plane.stores.project.write({ ...targets, ...strict }, 'test', 0);
    const path = '/v1/datasets/box/uploads?file=box.zip&grades=good,bad&size=32&contrast=equalised';
    const { state, dataset, quarantined, notes } = await uploaded(path, writeZip(files));
    expect({ state, quarantined }).toEqual({ state: 'done', quarantined: 1 });
    expect(notes.join()).toMatch(/no group is known/);
    expect(dataset).toMatchObject({ name: 'box', source: 'box.zip', images: 6, verified: { settings: 1 } });
    expect(dataset?.standardise).toEqual({ contrast: 'equalised' });
    expect(dataset?.quarantined).toMatchObject([{ path: 'good/dusk.jpg', figure: 'luma', limit: 60 }]);
    expect(readdirSync(join(test.folder, 'uploads'))).toEqual([]);
    const ask = JSON.stringify({ paths: ['good/dusk.jpg'], why: 'we grade at dusk' });
    const [status, accepted] = await call<DatasetView>(
      `/v1/datasets/box/${dataset?.digest}/accept`,
      ask,
      'application/json',
    );
    expect(status).toBe(201);
    expect(accepted.standardise).toEqual({ contrast: 'equalised' });
    expect(accepted).toMatchObject({ images: 7, quarantined: [], accepted: [{ why: 'we grade at dusk' }] });
    const [, waiting] = await call<SampleList>('/v1/samples?dataset=box&state=quarantined');
    expect([waiting.samples, waiting.counts.quarantined]).toEqual([[], 0]);
    const [, labelled] = await call<SampleList>('/v1/samples?dataset=box&state=labelled');
    expect(labelled.samples.find(({ photograph }) => photograph?.path === 'good/dusk.jpg')?.label).toBe(
      'good',
    );
    const [, listed] = await call<DatasetView[]>('/v1/datasets');
    expect(listed.map(({ images }) => images).sort()).toEqual([6, 7]);
    for (const view of listed) expect(view.notes?.join()).toMatch(/no group is known/);
  }, 90_000);

  it('are refused with what is wrong, and leave nothing behind', async () => {
    const hostile = writeZip([{ name: '../../pomona.sqlite', bytes: Buffer.from('x') }]);
    const { state, problem } = await uploaded('/v1/datasets/box/uploads', hostile);
    expect(state).toBe('failed');
    expect(problem).toMatchObject({ code: 'zip-invalid', message: expect.stringMatching(/\.\./) });
    expect(readdirSync(join(test.folder, 'uploads'))).toEqual([]);
    expect(existsSync(join(test.folder, 'pomona.sqlite'))).toBe(true);
    const [, colours] = await call<Problem>(
      '/v1/datasets/box/uploads?contrast=more',
      new Uint8Array(hostile),
    );
    expect(colours.code).toBe('bad-request');
    const [twice, labels] = await call<Problem>(
      '/v1/datasets/box/uploads?grades=good,bad,good',
      new Uint8Array(hostile),
    );
    expect([twice, labels.code]).toEqual([422, 'labels-invalid']);
    const [, unknown] = await call<Problem>('/v1/datasets/box/uploads?colour=9', new Uint8Array(hostile));
    expect(unknown.message).toBe('querystring: there is no /colour');
    const [untyped, media] = await call<Problem>('/v1/datasets/box/uploads', '{}', 'text/csv');
    expect([untyped, media.hint]).toEqual([400, expect.stringContaining('application/zip')]);
    const [status, json] = await call<Problem>('/v1/datasets/box/uploads', '{}', 'application/json');
    expect([status, json.code]).toEqual([400, 'bad-request']);
    const [, other] = await call<Problem>('/v1/datasets/other/uploads/1');
    expect(other.code).toBe('not-found');
  }, 60_000);
});
