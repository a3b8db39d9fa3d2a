import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDesired } from '@pomona/release';
import {
  type Desired,
  decode,
  defaultRolloutPlan,
  defaultShadowPlan,
  type Gate,
  type ModelView,
  type Problem,
  type Reported,
  type RolloutDetail,
  type RolloutPreview,
  type RolloutRequest,
} from '@pomona/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';
import {
  enrolTestStation,
  type StationIdentity,
  TestStation,
  testBoot,
  testStatus,
} from '../testing/test-station.ts';

const names = ['a', 'b', 'c'];
const releaseOf = (version: number) => ({ name: 'apples', version, digest: String(version).repeat(64) });

let running: TestControlPlane;
let dataFolder: string;
const identities = new Map<string, StationIdentity>();
beforeAll(async () => {
  dataFolder = mkdtempSync(join(tmpdir(), 'pomona-rollouts-'));
  running = await startTestControlPlane({ dataFolder });
  for (const version of [1, 2, 4]) await running.plane.stores.models.save(modelView(version, 'passed'));
  await running.plane.stores.models.save(modelView(3, 'failed'));
  for (const name of names) identities.set(name, await enrolTestStation(running.plane, name));
});
afterAll(() => running.remove());

function modelView(version: number, verdict: Gate['verdict']): ModelView {
  const gate: Gate = { name: 'macro-f1', figure: 0.9, limit: 0.9, comparison: '>=', verdict, detail: '' };
  return {
    ...releaseOf(version),
    labels: ['good', 'ok', 'bad'],
    parameters: {},
    createdAt: '2026-01-01T00:00:00.000Z',
    gates: [gate],
  } as ModelView;
}

/** Counts on over connections: what has a number that was seen is not looked at again. */
let seq = 0;

/** A station that does with its orders what `state` says, and keeps them in `orders`. */
async function connect(name: string, state: Reported['update']['state'] = 'active') {
  const identity = identities.get(name)!;
  const station = await TestStation.connect(running.plane, identity);
  const orders: Desired[] = [];
  station.client.on('message', (_topic, payload) => {
    const decoded = decode('desired', payload);
    if (!decoded.ok) return;
    const { site, line } = identity;
    const order = openDesired(decoded.value, identity.answer.desiredKeyPem, {
      address: { site, line, station: name },
      counterMin: 0,
    });
    orders.push(order);
    const release = order.release;
    void station.send('reported', {
      v: 1,
      boot: testBoot,
      seq: ++seq,
      at: '2026-01-01T00:00:00.000Z',
      desiredCounter: order.counter,
      update: {
        state,
        release,
        fetchedBytes: 0,
        totalBytes: 0,
        reason: state === 'active' ? null : 'it is bad',
      },
      running: release && { release, variant: 'fp32', since: '2026-01-01T00:00:00.000Z' },
      recipeVersion: 1,
    });
  });
  await station.send('status', testStatus('online', Date.now()));
  await station.client.subscribeAsync(station.topic('desired'), { qos: 1 });
  return { orders, end: () => station.end() };
}

async function call(path: string, body?: object): Promise<{ status: number; body: RolloutDetail & Problem }> {
  const response = await fetch(new URL(path, running.plane.urls.console), {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${running.plane.localToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as RolloutDetail & Problem };
}

const request = (version: number, change: Partial<RolloutRequest> = {}): RolloutRequest => ({
  release: { name: 'apples', version },
  query: { line: ['one'] },
  reason: 'better on russet',
  ...change,
});
const statusOf = async (id: number) => (await call(`/v1/rollouts/${id}`)).body.status;

describe('rollouts of a running control plane', () => {
  it('bring a release to all stations, over a restart in the middle, with one order each', async () => {
    const first = await Promise.all(['a', 'b'].map((name) => connect(name)));
    await eventually(async () =>
      (await running.plane.overview()).stations.every(
        ({ station, status }) => station === 'c' || status?.state === 'online',
      ),
    );
    const { status, body } = await call('/v1/rollouts', request(1));
    expect(status).toBe(201);
    expect(body).toMatchObject({ actor: 'local', stations: 3, plan: defaultRolloutPlan });
    const { id } = body;
    await eventually(async () => {
      const { members } = (await call(`/v1/rollouts/${id}`)).body;
      return members.map(({ outcome }) => outcome).join() === 'succeeded,succeeded,deferred';
    });
    expect((await call('/v1/rollouts', request(2))).body).toMatchObject({
      code: 'rollout-overlap',
      message: expect.stringContaining(`rollout ${id}`),
    });
    await running.plane.stop();
    for (const station of first) await station.end();
    running = await startTestControlPlane({ dataFolder });
    const last = await Promise.all(names.map((name) => connect(name)));
    await eventually(async () => (await statusOf(id)) === 'done');
    for (const { station, desired } of (await running.plane.overview()).stations)
      expect(`${station} ${desired?.counter}`).toBe(`${station} 1`);
    expect((await call(`/v1/rollouts/${id}/pause`, { reason: 'late' })).body.code).toBe('rollout-state');
    for (const station of last) await station.end();
  });

  it('pause when the canary rolls back, say why, and go back when a person says so', async () => {
    const stations = await Promise.all([connect('a', 'rolled-back'), connect('b'), connect('c')]);
    await eventually(async () =>
      (await running.plane.overview()).stations.every(({ status }) => status?.state === 'online'),
    );
    const { id } = (await call('/v1/rollouts', request(2, { plan: { onFailure: 'pause' } }))).body;
    await eventually(async () => (await statusOf(id)) === 'paused');
    expect((await call(`/v1/rollouts/${id}`)).body.why).toContain(
      'a: failed, the station rolled back: it is bad',
    );
    const alert = async () =>
      (await running.plane.stores.alerts.list()).find((one) => one.kind === 'rollout-paused');
    await eventually(async () => (await alert())?.detail.includes('rolled back: it is bad') === true);
    expect((await call(`/v1/rollouts/${id}/rollback`, { reason: 'bad' })).status).toBe(200);
    await eventually(async () => typeof (await alert())?.closedAt === 'string');
    await eventually(async () => (await statusOf(id)) === 'rolled-back');
    const { events, members } = (await call(`/v1/rollouts/${id}`)).body;
    expect(events.map(({ kind, actor }) => `${kind} ${actor}`)).toEqual([
      'create local',
      'pause rule',
      'rollback local',
      'rolled-back rule',
    ]);
    expect(members.map(({ restored }) => restored)).toEqual([true, false, false]);
    await eventually(() => stations[0]!.orders.at(-1)?.release?.version === 1);
    expect(stations[1]!.orders.map(({ release }) => release?.version)).toEqual([1]);
    for (const station of stations) await station.end();
  });

  it('stop at a failed gate unless an admin overrides it, and go back past it', async () => {
    const { models } = running.plane.stores;
    const refused = await call('/v1/rollouts', request(3));
    expect(refused).toMatchObject({ status: 409, body: { code: 'gate-failed' } });
    expect(refused.body.message).toContain('macro-f1');
    expect(refused.body.hint).toContain('--override');
    expect(await models.log('apples')).toEqual([]);
    const stations = await Promise.all(names.map((name) => connect(name)));
    await eventually(async () =>
      (await running.plane.overview()).stations.every(({ status }) => status?.state === 'online'),
    );
    const why = { override: true, reason: 'harvest cannot wait' };
    const { id } = (await call('/v1/rollouts', request(3, why))).body;
    expect(await models.log('apples')).toMatchObject([
      {
        ...{ actor: 'local', action: `rollout ${id} of 3`, reason: 'harvest cannot wait' },
        detail: 'gates overridden, failed: macro-f1; to 3 stations',
      },
    ]);
    await eventually(async () => (await statusOf(id)) === 'done');
    // From the one that came after it back to it, which nobody has to override.
    for (const version of [4, 3]) {
      const { status, body } = await call('/v1/rollouts', request(version));
      expect(status).toBe(201);
      await eventually(async () => (await statusOf(body.id)) === 'done');
    }
    for (const station of stations) await station.end();
  });

  it('pause in shadow where the agents are from before there was one, which grade on with what they have', async () => {
    const stations = await Promise.all(names.map((name) => connect(name)));
    await eventually(async () =>
      (await running.plane.overview()).stations.every(({ status }) => status?.state === 'online'),
    );
    const { body } = await call('/v1/rollouts', request(4, { plan: { shadow: { stations: 2, forS: 0 } } }));
    const { id } = body;
    expect(body.plan.shadow).toEqual({ ...defaultShadowPlan, stations: 2, forS: 0 });
    await eventually(async () => (await statusOf(id)) === 'paused');
    const { why, members } = (await call(`/v1/rollouts/${id}`)).body;
    expect(why).toContain('its agent is from before there were shadows; it goes on with its release');
    expect(members.map(({ outcome }) => outcome)).toEqual(['waiting', 'waiting', 'waiting']);
    const told = members.flatMap(({ station, shadow }) => (shadow ? [names.indexOf(station)] : []));
    expect(told).toHaveLength(2);
    for (const index of told) {
      const { orders } = stations[index]!;
      await eventually(() => orders.length >= 3 && orders.at(-1)?.shadow === undefined);
      const [before, beside, after] = orders.slice(-3);
      expect([beside, after].map((order) => order?.release)).toEqual([before?.release, before?.release]);
      expect(beside?.shadow).toMatchObject({ rollout: id, release: { version: 4 }, samplesPerDayMax: 50 });
    }
    expect((await call(`/v1/rollouts/${id}/cancel`, { reason: 'agents first' })).status).toBe(200);
    await eventually(async () => (await statusOf(id)) === 'cancelled');
    for (const station of stations) await station.end();
  });

  it('refuse what cannot be', async () => {
    expect((await call('/v1/rollouts', request(9))).status).toBe(404);
    expect((await call('/v1/rollouts', request(2, { query: { line: ['t*'] } }))).body.code).toBe(
      'rollout-empty',
    );
    const misspelt = await call('/v1/rollouts', request(2, { query: { station: ['a', 'bb', 'cc'] } }));
    expect(misspelt).toMatchObject({
      status: 422,
      body: { code: 'place-unknown', message: 'there is no station bb, no station cc' },
    });
    expect((await call('/v1/rollouts/99/pause', { reason: 'x' })).body.code).toBe('rollout-unknown');
    expect((await call('/v1/rollouts/preview', { station: ['a', 'c*'] })).body).toEqual({
      stations: ['a', 'c'],
    });
  });

  it('say beforehand what keeps a release from the stations, and that nothing does where they go back to it', async () => {
    const stopped = async (release: string) => {
      const { body } = await call(`/v1/rollouts/preview?release=${release}`, { station: ['b', 'c'] });
      return (body as unknown as RolloutPreview).stopped;
    };
    const { desired, models } = running.plane.stores;
    await models.save({ ...modelView(5, 'failed'), createdAt: '2026-01-02T00:00:00.000Z' });
    expect(await stopped('apples@5')).toEqual({ why: 'failed: macro-f1', byGates: true });
    expect(await stopped('apples@4')).toBeUndefined();
    expect(await stopped('apples@9')).toEqual({
      why: 'there is no model apples of version 9',
      byGates: false,
    });
    const ran = (await desired.ordersOf(['b', 'c'])).map(({ release }) => release.version);
    expect(ran).toContain(3);
    expect((await call('/v1/rollouts/preview?release=apples', {})).status).toBe(400);
  });
});
