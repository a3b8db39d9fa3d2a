import type { Gate, ModelView, ProjectView } from '@pomona/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultTargets } from '../../domain/project-targets.ts';
import { startTestControlPlane, type TestControlPlane } from '../../testing/test-control-plane.ts';

let server: TestControlPlane;

beforeAll(async () => {
  server = await startTestControlPlane();
  await server.plane.stores.models.save(model(1, [gate('passed')]));
  await server.plane.stores.models.save(model(2, [gate('failed')]));
});
afterAll(() => server.remove());

function gate(verdict: Gate['verdict']): Gate {
  return { name: 'macro-f1', figure: 0.9, limit: 0.9, comparison: '>=', verdict, detail: '' };
}

function model(version: number, gates: Gate[]): ModelView {
  return {
    name: 'apples',
    version,
    digest: String(version).repeat(64),
    createdAt: '2026-01-01T00:00:00.000Z',
    labels: ['good', 'bad'],
    dataset: { name: 'apples', digest: 'a'.repeat(64) },
    network: 'sequential',
    parameters: {},
    seed: 1,
    codeRevision: 'unknown',
    releaseBytes: 1,
    trainImagesPerSecond: 1,
    gates,
    evaluation: {
      ...{ unit: 'fruit', images: 1, groups: 1, accuracy: 1, balancedAccuracy: 1, macroF1: 1, ece: 0 },
      confusion: [],
      perClass: [],
      byGroup: [],
    },
  };
}

async function call(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers = {
    authorization: `Bearer ${server.plane.localToken}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const response = await fetch(server.plane.urls.console + path, { method, headers, ...sent });
  return { status: response.status, body: (await response.json()) as unknown };
}

describe('the registry over HTTP', () => {
  const champion = '/v1/models/apples/aliases/champion';

  it('makes a champion, refuses one with a failed gate, and logs an override', async () => {
    expect((await call('PUT', champion, { version: 1, reason: 'first' })).status).toBe(200);
    const refused = await call('PUT', champion, { version: 2, reason: 'hurry' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'gate-failed' } });
    expect((refused.body as { message: string }).message).toContain('macro-f1');
    expect((await server.plane.stores.models.resolve('apples@champion')).version).toBe(1);

    await call('PUT', champion, { version: 2, reason: 'harvest cannot wait', override: true });
    expect((await server.plane.stores.models.resolve('apples@champion')).version).toBe(2);
    expect((await call('GET', '/v1/models/apples/log')).body).toMatchObject([
      {
        actor: 'local',
        action: 'champion = 2',
        reason: 'harvest cannot wait',
        detail: expect.stringContaining('overridden'),
      },
      { actor: 'local', action: 'champion = 1', reason: 'first', detail: 'was not set' },
    ]);
    expect((await call('GET', '/v1/models/apples/aliases')).body).toMatchObject([
      { alias: 'champion', version: 2 },
    ]);
  });

  it('refuses a version and an alias that are not there, and a change without a reason', async () => {
    expect((await call('PUT', champion, { version: 9, reason: 'why not' })).status).toBe(404);
    expect((await call('PUT', champion, { version: 1 })).status).toBe(400);
    await expect(server.plane.stores.models.resolve('apples@newest')).rejects.toMatchObject({
      code: 'model-unknown',
    });
  });

  it('keeps every version of the targets', async () => {
    expect((await call('GET', '/v1/project')).body).toMatchObject({ version: 0, targets: defaultTargets });
    const targets = { ...defaultTargets, minMacroF1: 0.95 };
    expect(await call('PUT', '/v1/project', targets)).toMatchObject({
      status: 200,
      body: { version: 1, targets: { minMacroF1: 0.95 } },
    });
    expect((await call('PUT', '/v1/project', { ...targets, minMacroF1: 2 })).status).toBe(400);
    await call('PUT', '/v1/project?reason=season%202026', { ...targets, imageLimits: { minSharpness: 6 } });
    expect((await call('PUT', '/v1/project?reason=x', targets)).status).toBe(400);
    expect((await call('GET', '/v1/project/versions')).body).toMatchObject([
      {
        version: 2,
        actor: 'local',
        reason: 'season 2026',
        targets: { minMacroF1: 0.95, imageLimits: { minSharpness: 6 } },
      },
      { version: 1, actor: 'local', targets: { minMacroF1: 0.95 } },
    ]);
    const versionOf = (version: number) => call('GET', `/v1/project/versions/${version}`);
    expect((await versionOf(1)).body).toMatchObject({ version: 1, targets });
    expect((await versionOf(0)).body).toMatchObject({ version: 0, actor: null, targets: defaultTargets });
    expect(await versionOf(3)).toMatchObject({ status: 404, body: { code: 'project-version-unknown' } });
  });

  it('refuses a change to targets that somebody else changed meanwhile, and says who and what to do', async () => {
    const { plane } = server;
    const url = `${plane.urls.console}/v1/project`;
    const authorization = `Bearer ${plane.localToken}`;
    const read = await fetch(url, { headers: { authorization } });
    const etag = read.headers.get('etag')!;
    const { version, targets } = (await read.json()) as ProjectView;
    expect(etag).toBe(`"${version}"`);
    const put = async (change: object, ifMatch: string) => {
      const answer = await fetch(url, {
        ...{ method: 'PUT', body: JSON.stringify({ ...targets, ...change }) },
        headers: { authorization, 'content-type': 'application/json', 'if-match': ifMatch },
      });
      return { status: answer.status, etag: answer.headers.get('etag'), body: await answer.json() };
    };
    const [first, second] = await Promise.all([
      put({ minRecall: 0.7 }, etag),
      put({ maxBadAsGood: 0.02 }, etag),
    ]);
    expect([first.status, second.status].toSorted()).toEqual([200, 412]);
    const [done, refused] = first.status === 200 ? [first, second] : [second, first];
    expect(done).toMatchObject({ etag: `"${version + 1}"`, body: { version: version + 1 } });
    expect(refused.body).toMatchObject({
      code: 'project-changed',
      message: expect.stringMatching(
        new RegExp(`^local changed the targets meanwhile.*version ${version + 1}.*version ${version}$`),
      ),
      hint: expect.stringContaining('Read them again'),
    });
    expect((await call('GET', '/v1/project')).body).toMatchObject({ version: version + 1 });
    expect((await put({}, done.etag!)).status).toBe(200);
    expect((await put({}, '*')).status).toBe(200);
    // As a proxy that packs answers makes of it.
    expect((await put({}, `W/"${version + 3}"`)).status).toBe(200);
    for (const wrong of [String(version), '"x"', '"1", "2"'])
      expect(await put({}, wrong)).toMatchObject({ status: 400, body: { code: 'precondition-invalid' } });
  });

  it('puts two versions side by side, and writes the card of one', async () => {
    const { body } = await call('GET', '/v1/models/compare?a=apples@1&b=apples@2');
    expect(body).toMatchObject({ a: { version: 1 }, b: { version: 2 } });
    const { figures } = body as { figures: { name: string; better: string }[] };
    expect(figures.find(({ name }) => name === 'failed gates')).toMatchObject({ a: 0, b: 1, better: 'a' });
    expect((await call('GET', '/v1/models/compare?a=apples@1&b=apples@9')).status).toBe(404);
    const headers = { authorization: `Bearer ${server.plane.localToken}` };
    const card = await fetch(`${server.plane.urls.console}/v1/models/apples/versions/2/card`, { headers });
    expect(card.headers.get('content-type')).toContain('text/html');
    expect(await card.text()).toContain('It fails the gate macro-f1');
    const missing = await call('GET', '/v1/models/apples/versions/9/card');
    expect(missing).toMatchObject({ status: 404, body: { code: 'model-unknown' } });
  });

  it('says that nothing is known of an instant before any report', async () => {
    expect(await call('GET', '/v1/running?at=2026-10-14T10:00:00.000Z&line=one')).toEqual({
      status: 200,
      body: [],
    });
    expect((await call('GET', '/v1/running?at=2026-10-14T12:00:00%2B02:00')).status).toBe(200);
    expect((await call('GET', '/v1/running')).status).toBe(400);
  });

  it('tells what a station was told to run, and when', async () => {
    await server.plane.claim({ site: 'demo', line: 'one', station: 'north' });
    await server.plane.setDesired('north', { release: { name: 'apples', version: 1 } });
    await server.plane.setDesired('north', { release: null });
    const { body } = await call('GET', '/v1/stations/north/history');
    expect(body).toMatchObject([
      { counter: 2, release: null, actor: 'local' },
      { counter: 1, release: { name: 'apples', version: 1 } },
    ]);
    expect((await call('GET', '/v1/stations/nowhere/history')).status).toBe(404);
  });

  it('asks a station to try again what it had rolled back, and says so in its history', async () => {
    await server.plane.claim({ site: 'demo', line: 'one', station: 'south' });
    const body = { release: { name: 'apples', version: 1 }, retry: true };
    const answer = await call('PUT', '/v1/stations/south/desired', body);
    expect(answer).toMatchObject({ status: 200, body: { desired: { counter: 1, release: { version: 1 } } } });
    expect((await call('GET', '/v1/stations/south/history')).body).toMatchObject([
      { counter: 1, actor: 'local', reason: 'tried again by hand' },
    ]);
  });

  it('queues a training of a dataset that is there, and of no other', async () => {
    const unknown = await call('POST', '/v1/jobs/train', { dataset: 'pears', name: 'pears' });
    expect(unknown).toMatchObject({ status: 404, body: { code: 'dataset-unknown' } });
    expect((await call('GET', '/v1/jobs')).body).toEqual([]);
    expect((await call('POST', '/v1/jobs/7/cancel')).status).toBe(404);
  });
});
