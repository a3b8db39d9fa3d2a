import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { hashPin, type OperatorPageConfig } from '@pomona/firmware-config';
import { describe, expect, it } from 'vitest';
import { shownFruit, standInDesk } from '../testing/stand-in-desk.ts';
import { LivePicture } from '../use-cases/live-picture.ts';
import { loadDeskMemory, saveDeskMemory } from './desk-memory.ts';
import { createOperatorServer } from './operator-server.ts';
import { picturePacker } from './picture-packer.ts';

const hash = await hashPin('482913');

function build({ pinHash, ...config }: Partial<OperatorPageConfig> = { pinHash: hash }) {
  const bench = standInDesk();
  const picture: LivePicture = new LivePicture(
    { width: 4, height: 2 },
    {
      scheduler: bench.time,
      ask: (question) => {
        if (question.kind !== 'look') return;
        new Uint8Array(question.pixels).fill(77);
        picture.hear({ kind: 'looked', seq: 1, fruit: [] });
      },
    },
  );
  const app = createOperatorServer({
    config: { host: '127.0.0.1', port: 0, watching: 'open', ...(pinHash && { pinHash }), ...config },
    ...{ desk: bench.desk, picture, scheduler: bench.time },
    onTrouble: (code) => bench.told.push(code),
  });
  let cookie = '';
  const call = async (
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    body?: object,
    headers: object = {},
  ) => {
    const answer = await app.inject({
      method,
      url,
      headers: { cookie, ...headers },
      ...(body && { payload: body }),
    });
    const given = answer.headers['set-cookie'];
    if (typeof given === 'string') cookie = given.split(';')[0]!;
    return answer;
  };
  const signIn = (pin: string) => call('POST', '/line/session', { pin });
  return { ...bench, call, signIn };
}

const changes = [
  ['/line/pause'],
  ['/line/resume'],
  ['/line/lot'],
  ['/line/lens'],
  ['/line/fruit/1/grade', { grade: 'ok' }],
] as const;

describe('the server of the operator’s page', () => {
  it('gives the page and nothing beside it', async () => {
    const { call } = build();
    const page = await call('GET', '/');
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    const script = new URL('../../dist/page/', import.meta.url);
    const modules = readdirSync(script).filter((name) => name.endsWith('.js'));
    expect(modules.length).toBeGreaterThan(3);
    for (const name of [...modules, 'page.css']) expect((await call('GET', `/${name}`)).statusCode).toBe(200);
    for (const path of ['/page.ts', '/main.d.ts', '/../package.json', '/line', '/line/fruit/x/view.png'])
      expect((await call('GET', path)).statusCode).toBeGreaterThanOrEqual(400);
  });

  it('lets everybody look and nobody change anything without the PIN', async () => {
    const { call, decide, told, asked } = build();
    decide(shownFruit(1));
    expect((await call('GET', '/line/view')).json()).toMatchObject({
      ...{ station: 'valley-1-a', rejects: [{ seq: 1 }] },
      access: { hasPin: true, isSignedIn: false },
    });
    for (const [path, body] of changes) {
      const answer = await call('POST', path, body);
      expect([answer.statusCode, answer.json().code]).toEqual([401, 'pin-needed']);
    }
    expect([told, asked]).toEqual([[], []]);
  });

  it('takes every change of who has typed the PIN, until the session is closed', async () => {
    const { call, signIn, decide, told, time } = build();
    decide(shownFruit(1));
    const session = await signIn('482913');
    expect(session.headers['set-cookie']).toMatch(
      /^pomona-line-\w+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    expect((await call('GET', '/line/view')).json().access).toMatchObject({ isSignedIn: true });
    for (const [path, body] of changes) expect((await call('POST', path, body)).statusCode).toBe(204);
    expect(told.filter((what) => /pause$|resume|lot|lens|corrected/.test(what))).toHaveLength(5);
    expect((await call('POST', '/line/fruit/9/grade', { grade: 'ok' })).statusCode).toBe(404);
    expect((await call('POST', '/line/fruit/1/grade', { grade: 'rotten' })).statusCode).toBe(422);
    expect((await call('POST', '/line/fruit/1/grade', {})).statusCode).toBe(400);
    await time.advance(900_000);
    expect((await call('POST', '/line/pause')).statusCode).toBe(401);
    await signIn('482913');
    await call('DELETE', '/line/session');
    expect((await call('POST', '/line/pause')).statusCode).toBe(401);
  });

  it('refuses PINs for a while after five wrong ones, also the right one', async () => {
    const { signIn, time } = build();
    const codes = [];
    for (const pin of ['1', '000000', '482912', '4829130', '', '482913'])
      codes.push((await signIn(pin)).json().code);
    expect(codes).toEqual([...Array(5).fill('pin-wrong'), 'pin-paused']);
    expect((await signIn('482913')).statusCode).toBe(429);
    await time.advance(30_000);
    const both = await Promise.all([signIn('482913'), signIn('482913')]);
    expect(both.map(({ statusCode }) => statusCode).sort()).toEqual([204, 429]);
    // Nobody typed a wrong one.
    const refused = both.find(({ statusCode }) => statusCode === 429)!;
    expect(refused.json()).toMatchObject({ code: 'pin-busy', message: 'another PIN is being checked' });
  });

  it('keeps other sites and forms out', async () => {
    const { call, signIn, told } = build();
    await signIn('482913');
    const from = (origin: string) =>
      call('POST', '/line/pause', undefined, { origin, host: '10.0.0.7:8095' });
    expect((await from('http://evil.example')).json().code).toBe('other-site');
    const form = await call('POST', '/line/session', undefined, { 'content-type': 'text/plain' });
    expect(form.statusCode).toBeGreaterThanOrEqual(400);
    expect(told).toEqual([]);
    expect((await from('http://10.0.0.7:8095')).statusCode).toBe(204);
  });

  it('shows nothing but the page without the PIN where watching asks for it', async () => {
    const { call, signIn } = build({ pinHash: hash, watching: 'pin' });
    const paths = ['/line/view', '/line/picture', '/line/fruit/1/view.png', '/line/fruit/1/views.png'];
    for (const path of paths) expect((await call('GET', path)).statusCode).toBe(401);
    expect((await call('GET', '/')).statusCode).toBe(200);
    await signIn('482913');
    expect((await call('GET', '/line/view')).statusCode).toBe(200);
  });

  it('says so where there is no PIN', async () => {
    const { call, signIn } = build({});
    expect((await call('GET', '/line/view')).json().access).toMatchObject({ hasPin: false });
    expect((await signIn('482913')).json().code).toBe('pin-not-set');
  });

  it('sends pictures of the line and of fruit', async () => {
    const { call, decide, time } = build();
    decide(shownFruit(1));
    const [answer] = await Promise.all([call('GET', '/line/picture?after=0'), time.advance(1)]);
    const bytes = gunzipSync(answer.rawPayload);
    const length = bytes.readUInt32LE(0);
    expect(JSON.parse(bytes.subarray(4, 4 + length).toString())).toEqual({
      id: 1,
      width: 4,
      height: 2,
      fruit: [],
    });
    expect([...bytes.subarray(4 + length)]).toEqual(Array(24).fill(77));
    for (const name of ['view', 'views']) {
      const png = await call('GET', `/line/fruit/1/${name}.png`);
      expect([png.statusCode, png.rawPayload.subarray(1, 4).toString()]).toEqual([200, 'PNG']);
      expect((await call('GET', `/line/fruit/7/${name}.png`)).statusCode).toBe(404);
    }
    expect((await call('GET', '/line/picture?after=-1')).statusCode).toBe(400);
  });

  it('packs a picture once for all who look at it', async () => {
    const pack = picturePacker();
    const picture = { id: 1, width: 1, height: 1, fruit: [], pixels: new Uint8Array(3) };
    expect(pack(picture)).toBe(pack(picture));
    expect(pack({ ...picture, id: 2 })).not.toBe(pack(picture));
  });

  it('hides what went wrong inside, and logs it', async () => {
    const { call, signIn, desk, told } = build();
    await signIn('482913');
    desk.beginLot = () => {
      throw new Error('/var/lib/pomona is gone');
    };
    const answer = await call('POST', '/line/lot');
    expect([answer.statusCode, answer.body]).toEqual([500, expect.not.stringContaining('/var')]);
    expect(told).toEqual(['operator-page']);
  });
});

it('keeps what the desk remembers in a file, and moves one aside that it cannot read', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'desk-'));
  const aside: string[] = [];
  const load = () => loadDeskMemory({ dataDir, boot: 'ab', onMovedAside: (to) => aside.push(to) });
  expect(await load()).toEqual({});
  const memory = { pausedSince: '2026-01-01T00:00:00.000Z', lens: { sharpness: 30, luma: 100 } };
  await saveDeskMemory(dataDir, memory);
  expect(await load()).toMatchObject(memory);
  for (const damaged of ['{"v":1,"pausedSince":5}', '{"v":']) {
    writeFileSync(join(dataDir, 'operator-page.json'), damaged);
    expect(await load()).toEqual({});
    expect(readFileSync(aside.at(-1)!, 'utf8')).toBe(damaged);
  }
  rmSync(dataDir, { recursive: true });
});
