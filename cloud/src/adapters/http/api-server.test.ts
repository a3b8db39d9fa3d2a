import { request } from 'node:http';
import { channelNames, type LiveEvent, type Problem } from '@pomona/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  eventually,
  startTestControlPlane,
  type TestControlPlane,
} from '../../testing/test-control-plane.ts';
import {
  enrolTestStation,
  type StationIdentity,
  TestStation,
  testBoot,
  testGrades,
} from '../../testing/test-station.ts';

let running: TestControlPlane;
let left: StationIdentity;
beforeAll(async () => {
  running = await startTestControlPlane();
  left = await enrolTestStation(running.plane, 'left');
  const station = await TestStation.connect(running.plane, left);
  await station.send('grades', testGrades([1, 2, 3]));
  await eventually(async () => (await running.plane.overview()).fruits === 3);
  await station.end();
});
afterAll(() => running.remove());

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Not `fetch`, which does not let one forge a host. */
function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const sent = request(
      new URL(path, running.plane.urls.console),
      {
        method,
        headers: {
          authorization: `Bearer ${running.plane.localToken}`,
          ...(text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
          ...headers,
        },
      },
      (response) => {
        let answer = '';
        response.on('data', (part: Buffer) => {
          answer += part.toString();
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(answer) as unknown }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(text);
  });
}

const claim = { site: 'orchard', line: 'one', station: 'new' };

describe('routes', () => {
  it('answer what they say', async () => {
    expect(await call('GET', '/healthz')).toEqual({ status: 200, body: { status: 'ok' } });
    expect((await call('GET', '/v1/overview')).body).toMatchObject({ fruits: 3 });
    expect((await call('GET', '/v1/stations')).body).toMatchObject([{ station: 'left', fruits: 3 }]);
    expect((await call('GET', '/v1/stations/left')).body).toMatchObject({ station: 'left', desired: null });
    expect((await call('GET', '/v1/fruits?station=left&limit=2')).body).toMatchObject([
      { seq: 3 },
      { seq: 2 },
    ]);
    const before = `/v1/fruits?before=left:${testBoot}:2`;
    expect((await call('GET', before)).body).toMatchObject([{ seq: 1 }]);
    expect((await call('GET', '/v1/datasets')).body).toEqual([]);
    expect((await call('GET', '/v1/models')).body).toEqual([]);
    expect((await call('POST', '/v1/stations/claims', claim)).status).toBe(201);
  });

  it.each([
    ['GET', '/v1/stations/nobody', undefined, 404, 'station-unknown'],
    ['GET', '/v1/stations/Not%20A%20Slug', undefined, 400, 'bad-request'],
    ['GET', '/v1/models/apples/1', undefined, 404, 'model-unknown'],
    ['GET', '/v1/models/apples/one', undefined, 400, 'bad-request'],
    ['GET', '/v1/datasets/apples/abcd', undefined, 404, 'dataset-unknown'],
    ['GET', '/v1/fruits?limit=0', undefined, 400, 'bad-request'],
    ['GET', '/v1/fruits?limit=1001', undefined, 400, 'bad-request'],
    ['GET', '/v1/fruits?before=5', undefined, 400, 'bad-request'],
    ['GET', '/v1/fruits?sation=left', undefined, 400, 'bad-request'],
    ['GET', '/v1/alerts?state=open', undefined, 400, 'bad-request'],
    ['GET', '/v1/nothing', undefined, 404, 'not-found'],
    ['GET', '/v1/../../../etc/passwd', undefined, 404, 'not-found'],
    ['POST', '/v1/stations/claims', '{', 400, 'bad-request'],
    ['POST', '/v1/stations/claims', { ...claim, validForMinutes: '5' }, 400, 'bad-request'],
    ['POST', '/v1/stations/claims', { ...claim, line: undefined }, 400, 'bad-request'],
    ['POST', '/v1/stations/claims', { ...claim, station: 'left', line: 'two' }, 409, 'station-elsewhere'],
    ['POST', '/v1/stations/claims', { ...claim, station: 'control-plane' }, 409, 'station-name-reserved'],
    ['POST', '/v1/stations/claims', { ...claim, note: 'x'.repeat(300_000) }, 413, 'body-too-large'],
    ['PUT', '/v1/stations/nobody/desired', { release: null }, 404, 'station-unknown'],
    ['PUT', '/v1/stations/left/desired', { release: { name: 'apples', version: 9 } }, 404, 'model-unknown'],
    ['PUT', '/v1/stations/left/desired', {}, 400, 'bad-request'],
  ] as const)('answer %s %s with a problem', async (method, path, body, status, code) => {
    const answer = await call(method, path, body);
    expect([answer.status, (answer.body as Problem).code]).toEqual([status, code]);
    expect((answer.body as Problem).hint).not.toBe('');
  });

  it('name the parameter that there is not, and the values that there are', async () => {
    const said = async (path: string) => ((await call('GET', path)).body as Problem).message;
    expect(await said('/v1/fruits?sation=left')).toBe('querystring: there is no /sation');
    expect(await said('/v1/training-runs?kind=walk')).toMatch(/^querystring: \/kind must be one of .*train/);
    expect(await said('/v1/rollouts/1/pause')).toBe('there is no GET /v1/rollouts/1/pause');
  });

  it('take nothing but JSON', async () => {
    const answer = await call('POST', '/v1/stations/claims', JSON.stringify(claim), {
      'content-type': 'text/plain',
    });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        code: 'bad-request',
        message: 'the content type is missing, or is none that is taken here',
        hint: expect.stringContaining('content-type: application/json'),
      },
    });
  });
});

describe('pages of other sites', () => {
  const host = () => new URL(running.plane.urls.console).host;
  it.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:1' },
    { 'sec-fetch-site': 'cross-site' },
    { host: 'evil.example' },
    { host: 'localhost.evil.example' },
    { host: 'evil.example:80:80' },
  ])('may not change anything: %j', async (headers) => {
    const answer = await call('POST', '/v1/stations/claims', claim, headers as Record<string, string>);
    expect([answer.status, (answer.body as Problem).code]).toEqual([403, 'foreign-origin']);
  });

  it('may not read through a name that was bound to this address', async () => {
    expect((await call('GET', '/v1/overview', undefined, { host: 'evil.example' })).status).toBe(403);
  });

  it('are told from our own', async () => {
    const own = { origin: `http://${host()}`, 'sec-fetch-site': 'same-origin' };
    expect((await call('POST', '/v1/stations/claims', claim, own)).status).toBe(201);
    const named = `localhost:${new URL(running.plane.urls.console).port}`;
    const local = { host: named, origin: `http://${named}` };
    expect((await call('POST', '/v1/stations/claims', claim, local)).status).toBe(201);
  });
});

describe('documents', () => {
  it('describe every route and its schemas', async () => {
    const { body } = await call('GET', '/openapi.json');
    const { paths } = body as { paths: Record<string, Record<string, object>> };
    const served = Object.entries(paths).flatMap(([path, verbs]) =>
      Object.keys(verbs).map((verb) => `${verb.toUpperCase()} ${path}`),
    );
    const known = running.plane.routes
      .filter(
        ({ method, url }) =>
          method !== 'HEAD' && (url.startsWith('/v1/') || ['/healthz', '/metrics'].includes(url)),
      )
      .map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, '{$1}')}`);
    expect(served.sort()).toEqual(known.sort());
    for (const verbs of Object.values(paths))
      for (const operation of Object.values(verbs)) expect(operation).toHaveProperty('summary');
  });

  it('describe every channel', async () => {
    const { body } = await call('GET', '/asyncapi.json');
    expect(Object.keys((body as { channels: object }).channels)).toEqual(channelNames);
  });
});

describe('live events', () => {
  it('bring fruits and stations as they come', async () => {
    const abort = new AbortController();
    const response = await fetch(new URL('/v1/events', running.plane.urls.console), {
      signal: abort.signal,
      headers: { authorization: `Bearer ${running.plane.localToken}` },
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    let text = '';
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const part of response.body!) text += decoder.decode(part as Uint8Array, { stream: true });
    })().catch((error: unknown) => {
      if (!abort.signal.aborted) throw error;
    });
    const station = await TestStation.connect(running.plane, left);
    await station.send('grades', testGrades([3, 4, 5]));
    await eventually(() => text.includes('event: station'));
    await station.end();
    const events = text
      .split('\n\n')
      .flatMap((part) => /^event: (\w+)\ndata: (.*)$/.exec(part)?.slice(1) ?? [])
      .filter((_, i) => i % 2 === 1)
      .map((data) => JSON.parse(data) as LiveEvent);
    const fruits = events.flatMap((event) => (event.kind === 'fruits' ? event.fruits : []));
    expect(fruits.map(({ seq }) => seq)).toEqual([4, 5]);
    expect(events.find((event) => event.kind === 'station')).toMatchObject({ station: { fruits: 5 } });
    abort.abort();
    await reading;
  });

  it('are not there for who wants the head of an answer alone', async () => {
    const { status } = await fetch(new URL('/v1/events', running.plane.urls.console), {
      method: 'HEAD',
      headers: { authorization: `Bearer ${running.plane.localToken}` },
    });
    expect(status).toBe(404);
  });
});
