import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CreatedToken, Problem, SessionView } from '@pomona/wire';
import { roleCovers, roles } from '@pomona/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import { startTestControlPlane, type TestControlPlane } from '../../testing/test-control-plane.ts';

const clock = new ManualClock(Date.now());
let running: TestControlPlane;
beforeAll(async () => {
  running = await startTestControlPlane({ clock });
});
afterAll(() => running.remove());

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
  readonly body: unknown;
  readonly cookie: string | undefined;
}

/** As whoever the headers say; everything is given up after its first answer. */
async function call(method: string, path: string, body?: unknown, headers = {}): Promise<Answer> {
  const abort = new AbortController();
  const response = await fetch(new URL(path, running.plane.urls.console), {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: abort.signal,
  });
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const answer: unknown = isJson ? await response.json() : undefined;
  const cookie = response.headers.get('set-cookie') ?? undefined;
  abort.abort();
  const code = response.status >= 400 ? (answer as Problem | undefined)?.code : undefined;
  return { status: response.status, code, body: answer, cookie };
}

const asLocal = () => ({ authorization: `Bearer ${running.plane.localToken}` });
const sessionOf = ({ cookie }: Answer) => ({ cookie: cookie?.split(';')[0] ?? '' });
const secretIn = (url: string | null) => new URLSearchParams(new URL(url ?? '').hash.slice(1)).get('token');
const password = 'correct horse';

async function tokenOf(role: string): Promise<CreatedToken> {
  const { body } = await call('POST', '/v1/tokens', { name: `for-${role}`, role }, asLocal());
  return body as CreatedToken;
}

it('names the user of this machine beside the local token, and believes nobody else', async () => {
  const nameOf = async (headers: object) =>
    ((await call('GET', '/v1/session', undefined, headers)).body as SessionView).principal?.name;
  const as = (user: string) => ({ 'x-pomona-user': user });
  expect(await nameOf({ ...asLocal(), ...as('ann') })).toBe('local:ann');
  expect(await nameOf(asLocal())).toBe('local');
  expect(await nameOf({ ...asLocal(), ...as('ann, who may') })).toBe('local');
  const { token } = await tokenOf('viewer');
  expect(await nameOf({ authorization: `Bearer ${token}`, ...as('ann') })).toBe('for-viewer');
});

describe('every route', () => {
  it('lets in whom it names, and nobody else', async () => {
    const tokens = new Map<string, string>();
    for (const role of roles) tokens.set(role, (await tokenOf(role)).token);
    expect(running.plane.routes.length).toBeGreaterThan(20);
    const wrong: string[] = [];
    for (const { method, url, role: needed } of running.plane.routes) {
      // The wildcard of a served folder, and what only differs from GET in its missing body.
      if (method === 'HEAD' || method === 'OPTIONS' || url.includes('*')) continue;
      const path = url.replace(/:\w+/g, 'x');
      // No route takes such a body, so nothing happens even to whoever may.
      const body = method === 'GET' || method === 'DELETE' ? undefined : 'nonsense';
      for (const role of [undefined, ...roles]) {
        clock.ms += 60_000;
        const headers = role === undefined ? {} : { authorization: `Bearer ${tokens.get(role)}` };
        const { code } = await call(method, path, body, headers);
        const expected =
          needed === 'public' || (role !== undefined && roleCovers(role, needed))
            ? 'in'
            : role === undefined
              ? 'not-signed-in'
              : 'role-too-low';
        const met = code === 'not-signed-in' || code === 'role-too-low' ? code : 'in';
        if (met !== expected)
          wrong.push(`${method} ${url} for ${role ?? 'a stranger'}: ${met}, not ${expected}`);
      }
    }
    expect(wrong).toEqual([]);
  }, 60_000);

  it('is an admin’s unless it says otherwise, and strangers get only what they need', () => {
    const open = running.plane.routes.filter(({ role, url }) => role === 'public' && url.startsWith('/v1/'));
    expect(
      [...new Set(open.map(({ method, url }) => `${method} ${url}`))].filter(
        (one) => !one.startsWith('HEAD'),
      ),
    ).toEqual([
      'GET /v1/session',
      'POST /v1/session',
      'POST /v1/session/link',
      'POST /v1/setup',
      'DELETE /v1/session',
    ]);
  });
});

describe('set-up and sign-in', () => {
  it('make the first admin by a link, once, who then signs in and out', async () => {
    const stranger = await call('GET', '/v1/session');
    expect(stranger.body).toEqual({ principal: null, setupNeeded: true } satisfies SessionView);
    const token = secretIn(await running.plane.setUpUrl());
    const admin = { token, name: 'ann', password };
    expect((await call('POST', '/v1/setup', { ...admin, password: 'too short' })).code).toBe('bad-request');
    const made = await call('POST', '/v1/setup', admin);
    expect(made.cookie).toMatch(
      /^pomona_session_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    );
    expect((await call('POST', '/v1/setup', { ...admin, name: 'bob' })).code).toBe('link-invalid');
    expect(await running.plane.setUpUrl()).toBeNull();
    expect((await call('GET', '/v1/users', undefined, sessionOf(made))).body).toMatchObject([
      { name: 'ann' },
    ]);

    clock.ms += 60_000;
    for (const wrong of [
      { name: 'ann', password: 'wrong horse' },
      { name: 'nobody', password },
    ])
      expect((await call('POST', '/v1/session', wrong)).code).toBe('sign-in-failed');
    const session = sessionOf(await call('POST', '/v1/session', { name: 'ann', password }));
    expect((await call('GET', '/v1/session', undefined, session)).body).toMatchObject({
      principal: { name: 'ann', role: 'admin', kind: 'user' },
    });
    const foreign = { ...session, origin: 'https://evil.example' };
    expect((await call('DELETE', '/v1/users/ann', undefined, foreign)).code).toBe('foreign-origin');
    expect((await call('DELETE', '/v1/session', undefined, session)).status).toBe(204);
    expect((await call('GET', '/v1/overview', undefined, session)).code).toBe('not-signed-in');
  });

  it('end sessions that idle, and those of a user who is gone or has a new password', async () => {
    clock.ms += 600_000;
    const add = (name: string) => call('POST', '/v1/users', { name, password, role: 'viewer' }, asLocal());
    const signIn = async (name: string) => sessionOf(await call('POST', '/v1/session', { name, password }));
    const statusOf = async (session: object) =>
      (await call('GET', '/v1/overview', undefined, session)).status;
    expect((await add('idle')).status).toBe(201);
    expect((await add('idle')).code).toBe('user-exists');
    expect((await add('gone')).status).toBe(201);
    const [idle, gone] = [await signIn('idle'), await signIn('gone')];
    expect([await statusOf(idle), await statusOf(gone)]).toEqual([200, 200]);
    await call('DELETE', '/v1/users/gone', undefined, asLocal());
    expect(await statusOf(gone)).toBe(401);
    await call('PUT', '/v1/users/idle/password', { password }, asLocal());
    expect(await statusOf(idle)).toBe(401);
    const again = await signIn('idle');
    clock.ms += 11 * 3_600_000;
    expect(await statusOf(again)).toBe(200);
    clock.ms += 12 * 3_600_000;
    expect(await statusOf(again)).toBe(401);
    expect((await call('DELETE', '/v1/users/ann', undefined, asLocal())).code).toBe('last-admin');
  });

  it('by a link is good once, and not after a day', async () => {
    clock.ms += 600_000;
    const follow = async (token: string | null) => call('POST', '/v1/session/link', { token });
    const token = secretIn(await running.plane.signInUrl('demo'));
    const first = await follow(token);
    expect(first.body).toEqual({ name: 'demo', role: 'admin', kind: 'user' });
    expect((await call('GET', '/v1/users', undefined, sessionOf(first))).status).toBe(200);
    expect((await follow(token)).code).toBe('link-invalid');
    const late = secretIn(await running.plane.signInUrl('demo'));
    clock.ms += 25 * 3_600_000;
    expect((await follow(late)).code).toBe('link-invalid');
  });

  it('are limited in how often one address may try', async () => {
    clock.ms += 600_000;
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 12; i++)
      codes.push((await call('POST', '/v1/session/link', { token: 'x'.repeat(43) })).code);
    expect(codes).toEqual([...Array(10).fill('link-invalid'), 'too-many-requests', 'too-many-requests']);
  });
});

describe('tokens', () => {
  it('are shown once, expire, and can be revoked', async () => {
    const { id, token } = await tokenOf('viewer');
    const asToken = { authorization: `Bearer ${token}` };
    const statusOf = async () => (await call('GET', '/v1/overview', undefined, asToken)).status;
    expect(JSON.stringify((await call('GET', '/v1/tokens', undefined, asLocal())).body)).not.toContain(token);
    expect(await statusOf()).toBe(200);
    await call('DELETE', `/v1/tokens/${id}`, undefined, asLocal());
    expect(await statusOf()).toBe(401);
    const body = { name: 'short', role: 'viewer', validForDays: 1 };
    const short = (await call('POST', '/v1/tokens', body, asLocal())).body as CreatedToken;
    clock.ms += 24 * 3_600_000;
    expect(
      (await call('GET', '/v1/overview', undefined, { authorization: `Bearer ${short.token}` })).status,
    ).toBe(401);
  });

  it('of the command line lies where only its owner can read it', () => {
    const file = join(running.folder, 'cli-token');
    expect(readFileSync(file, 'utf8')).toBe(running.plane.localToken);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});
