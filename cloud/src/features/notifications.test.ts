import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AlertView,
  type CreatedWebhook,
  decode,
  filterOf,
  systemClock,
  type WebhookBody,
  type WebhookView,
} from '@pomona/wire';
import { connectAsync } from 'mqtt';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../adapters/sql/open-database.ts';
import { SqlAlertStore } from '../adapters/sql/sql-alert-store.ts';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';
import type { NewAlert } from '../use-cases/alerts.ts';

interface Call {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let folder: string;
let running: TestControlPlane;
let server: Server;
let calls: Call[];
/** Statuses of the next answers; 200 when there is none. */
let answers: number[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-webhooks-'));
  calls = [];
  answers = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    calls.push({ headers: request.headers, body });
    response.writeHead(answers.shift() ?? 200);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await running.plane.stop();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = async (retryMs: readonly number[], allowLoopback = true) => {
  running = await startTestControlPlane({ dataFolder: folder, webhooks: { allowLoopback, retryMs } });
};

async function api<T>(method: string, path: string, body?: object): Promise<{ status: number; body: T }> {
  const answer = await fetch(new URL(path, running.plane.urls.console), {
    method,
    headers: {
      authorization: `Bearer ${running.plane.localToken}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (answer.status === 204 ? null : await answer.json()) as T };
}

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
const addWebhook = async () => (await api<CreatedWebhook>('POST', '/v1/webhooks', { url: url() })).body;
const webhooks = async () => (await api<WebhookView[]>('GET', '/v1/webhooks')).body;
const bodies = () => calls.map(({ body }) => JSON.parse(body) as WebhookBody);

const dark: NewAlert = {
  kind: 'drift-camera',
  severity: 'warning',
  station: 'left',
  title: 'The pictures have become darker',
  detail: 'Clean the lens.',
  evidence: { luma: 40 },
};

/** As the control plane stores it; acknowledging it by REST then wakes what goes out. */
async function storeAlert(alert: NewAlert = dark): Promise<AlertView> {
  const opened = await running.plane.stores.alerts.open(alert, systemClock.nowMs());
  if (opened === undefined) throw new Error('one is open already');
  return opened.alert;
}

describe('a webhook', () => {
  it('is told again until it takes it, signed, under one id', async () => {
    await start([20, 20, 20]);
    const { secret } = await addWebhook();
    answers = [500, 503];
    const { id } = await storeAlert();
    await api('POST', `/v1/alerts/${id}/acknowledge`, { note: 'lens cleaned' });
    await eventually(async () => (await webhooks())[0]?.waiting === 0);
    const raised = calls.filter(({ body }) => (JSON.parse(body) as WebhookBody).event === 'raised');
    expect(raised.length).toBeGreaterThan(1);
    expect(new Set(raised.map(({ headers }) => headers['x-pomona-delivery'])).size).toBe(1);
    expect(calls).toHaveLength(4);
    for (const { headers, body } of calls) {
      const digest = createHmac('sha256', secret).update(body).digest('hex');
      expect(headers['x-pomona-signature']).toBe(`sha256=${digest}`);
      expect((JSON.parse(body) as WebhookBody).delivery).toBe(headers['x-pomona-delivery']);
    }
    expect(bodies().find(({ event }) => event === 'acknowledged')).toMatchObject({
      alert: { id, station: 'left', note: 'lens cleaned', acknowledgedBy: 'local' },
    });
  });

  it('is told of an alert that became critical as of a new one, once', async () => {
    await start([20]);
    await addWebhook();
    const { id } = await storeAlert();
    const { store, nowMs } = { store: running.plane.stores.alerts, nowMs: systemClock.nowMs() };
    const worse: NewAlert = { ...dark, severity: 'critical', title: 'The pictures are black' };
    expect(await store.open(worse, nowMs)).toMatchObject({ event: 'escalated', alert: { id } });
    expect(await store.open(worse, nowMs)).toBeUndefined();
    expect(await store.open(dark, nowMs)).toBeUndefined();
    await api('POST', `/v1/alerts/${id}/acknowledge`, { note: '' });
    await eventually(async () => (await webhooks())[0]?.waiting === 0);
    expect(bodies().map(({ event, alert }) => [event, alert?.severity])).toEqual([
      ['raised', 'warning'],
      ['escalated', 'critical'],
      ['acknowledged', 'critical'],
    ]);
    expect(bodies()[1]?.alert).toMatchObject({ id, before: { title: dark.title, acknowledgedAt: null } });
  });

  it('is told after a restart of what it could not be told before', async () => {
    await start([300, 300]);
    await addWebhook();
    answers = [500, 500];
    const { id } = await storeAlert();
    await api('POST', `/v1/alerts/${id}/acknowledge`, { note: '' });
    await eventually(() => calls.length === 2);
    await eventually(async () => (await webhooks())[0]?.last?.attempts === 1);
    await running.plane.stop();
    const before = calls.length;
    await start([300, 300]);
    await eventually(async () => (await webhooks())[0]?.waiting === 0);
    expect(
      bodies()
        .slice(before)
        .map(({ event }) => event),
    ).toEqual(['raised', 'acknowledged']);
    const ids = bodies().map(({ delivery }) => delivery);
    expect(ids.slice(before)).toEqual(ids.slice(0, 2));
    expect((await webhooks())[0]?.last).toMatchObject({ state: 'delivered', status: 200, attempts: 2 });
  });

  it('is given up after the last attempt, and says why', async () => {
    await start([10]);
    const { id } = await addWebhook();
    answers = Array(20).fill(404);
    const alert = await storeAlert();
    await api('POST', `/v1/alerts/${alert.id}/acknowledge`, { note: '' });
    await eventually(async () => calls.length === 4 && (await webhooks())[0]?.waiting === 0);
    expect((await webhooks())[0]?.last).toMatchObject({
      ...{ state: 'failed', attempts: 2, status: 404, error: 'answered 404', nextAt: null },
    });
    expect((await api('DELETE', `/v1/webhooks/${id}`)).status).toBe(204);
    expect((await api('DELETE', `/v1/webhooks/${id}`)).status).toBe(404);
    expect(await webhooks()).toEqual([]);
  });

  it('can be tested, and shows no secret afterwards', async () => {
    await start([10]);
    const { id, secret } = await addWebhook();
    expect(secret).toHaveLength(43);
    const good = await api<WebhookView>('POST', `/v1/webhooks/${id}/test`);
    expect(good.body.last).toMatchObject({ event: 'test', state: 'delivered', status: 200 });
    answers = [500];
    const bad = await api<WebhookView>('POST', `/v1/webhooks/${id}/test`);
    expect(bad.body.last).toMatchObject({ event: 'test', state: 'failed', error: 'answered 500' });
    expect(bodies()[0]).toMatchObject({ v: 1, event: 'test', alert: null });
    expect(JSON.stringify(await webhooks())).not.toContain(secret);
    expect((await api('POST', '/v1/webhooks/99/test')).status).toBe(404);
  });

  it('may not be on this machine', async () => {
    await start([10], false);
    const refused = await api('POST', '/v1/webhooks', { url: url() });
    expect(refused).toMatchObject({ status: 422, body: { code: 'webhook-address' } });
    expect(calls).toEqual([]);
  });
});

it('what webhooks are told stands or falls with the alert', async () => {
  await start([10]);
  await addWebhook();
  const db = await openDatabase(folder);
  const failing = new SqlAlertStore(
    new Proxy(db, {
      get: (target, name) =>
        name === 'transaction'
          ? () => ({
              execute: (act: (trx: typeof db) => Promise<unknown>) =>
                target.transaction().execute(async (trx) => {
                  await act(trx);
                  throw new Error('power is gone');
                }),
            })
          : Reflect.get(target, name, target),
    }),
  );
  await expect(failing.open(dark, systemClock.nowMs())).rejects.toThrow('power is gone');
  expect(await db.selectFrom('webhook_deliveries').selectAll().execute()).toEqual([]);
  expect(await db.selectFrom('alerts').selectAll().execute()).toEqual([]);
  await db.destroy();
});

it('readers of the broker and open consoles see an alert at once', async () => {
  await start([10]);
  const { plane } = running;
  await plane.claim({ site: 'orchard', line: 'one', station: 'left' });
  await plane.addReader('erp', 'long enough', ['alerts']);
  const reader = await connectAsync(plane.urls.broker, {
    ...{ ca: plane.caPem, username: 'erp', password: 'long enough', protocolVersion: 4 },
  });
  const heard: { topic: string; payload: Buffer }[] = [];
  reader.on('message', (topic, payload) => heard.push({ topic, payload }));
  await reader.subscribeAsync(filterOf('alerts'), { qos: 1 });
  const stream = await fetch(new URL('/v1/events', plane.urls.console), {
    headers: { authorization: `Bearer ${plane.localToken}` },
  });
  let events = '';
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const part of stream.body ?? []) events += decoder.decode(part);
  })();
  const fleet = await storeAlert({ ...dark, station: null, kind: 'rollout-paused' });
  await api('POST', `/v1/alerts/${fleet.id}/acknowledge`, { note: '' });
  const { id } = await storeAlert();
  await api('POST', `/v1/alerts/${id}/acknowledge`, { note: 'seen' });
  await eventually(() => heard.length === 1 && events.includes('"note":"seen"'));
  expect(heard[0]?.topic).toBe('pomona/v1/orchard/one/left/alerts');
  expect(decode('alerts', heard[0]!.payload)).toMatchObject({
    ...{ ok: true, value: { v: 1, event: 'acknowledged', alert: { id, note: 'seen' } } },
  });
  expect(events).toContain('event: alert\ndata: {"kind":"alert"');
  await reader.endAsync(true);
  await plane.stop();
  await reading;
});
