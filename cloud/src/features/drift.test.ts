import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type AlertView,
  type DriftDetail,
  type DriftSummary,
  decode,
  filterOf,
  type WebhookBody,
} from '@pomona/wire';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { drawnRelease, drawWindows } from '../testing/drift-windows.ts';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';
import { enrolTestStation, TestStation } from '../testing/test-station.ts';

const windowFruits = 100;
let running: TestControlPlane;
let station: TestStation;
const acked: number[] = [];
beforeAll(async () => {
  running = await startTestControlPlane({ webhooks: { allowLoopback: true } });
  station = await TestStation.connect(running.plane, await enrolTestStation(running.plane, 'left'));
  await station.client.subscribeAsync(station.topic('ack'), { qos: 1 });
  station.client.on('message', (_topic, bytes) => {
    const ack = decode('ack', bytes);
    if (!ack.ok) throw new Error(ack.detail);
    for (const [from, to] of ack.value.ranges) for (let each = from; each <= to; each++) acked.push(each);
  });
});
afterAll(async () => {
  await station.end();
  await running.remove();
});

let seq = 0;
async function send(windows: number, gain: number): Promise<void> {
  for (const window of drawWindows(windows, windowFruits, 10 + seq, { gain }, seq))
    await station.send('drift', window);
  seq += windows;
}

async function call<T>(method: string, path: string, body?: object): Promise<T> {
  const { plane } = running;
  const response = await fetch(new URL(path, plane.urls.console), {
    method,
    headers: {
      authorization: `Bearer ${plane.localToken}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(response.ok).toBe(true);
  return (await response.json()) as T;
}

/** What an outside program hears of alerts: by the broker and by a webhook. */
async function listenForAlerts() {
  const heard = { broker: [] as string[], webhook: [] as string[] };
  const textOf = (event: string, { kind, station }: AlertView) => `${kind} on ${station} ${event}`;
  const { plane } = running;
  await plane.addReader('erp', 'long enough', ['alerts']);
  const reader = await connectAsync(plane.urls.broker, {
    ...{ ca: plane.caPem, username: 'erp', password: 'long enough', protocolVersion: 4 },
  });
  reader.on('message', (_topic, bytes) => {
    const alert = decode('alerts', bytes);
    heard.broker.push(alert.ok ? textOf(alert.value.event, alert.value.alert) : alert.detail);
  });
  await reader.subscribeAsync(filterOf('alerts'), { qos: 1 });
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const { event, alert } = JSON.parse(text) as WebhookBody;
    heard.webhook.push(alert === null ? event : textOf(event, alert));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await call('POST', '/v1/webhooks', { url: `http://127.0.0.1:${port}/hook` });
  const stop = async () => {
    await reader.endAsync(true);
    server.closeAllConnections();
    server.close();
  };
  return { heard, stop };
}

const alertsOf = async () =>
  (await call<AlertView[]>('GET', '/v1/alerts')).map(({ kind, closedAt }) => `${kind} ${closedAt === null}`);
const detail = () => call<DriftDetail>('GET', '/v1/drift/left?windows=20');

it('says that nothing is known before the first window', async () => {
  const [summary] = await call<DriftSummary[]>('GET', '/v1/drift');
  expect(summary).toMatchObject({ station: 'left', release: null, windowCount: 0, kind: null, newest: null });
});

it('tells log, REST, broker and webhook once that a lamp failed, and again when it is well', async () => {
  const { heard, stop } = await listenForAlerts();
  await send(8, 1);
  await eventually(async () => (await detail()).windowCount === 8);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await alertsOf()).toEqual([]);
  await send(3, 0.5);
  await eventually(async () => (await alertsOf()).length > 0, 8_000);
  expect(await alertsOf()).toEqual(['drift-camera true']);
  const [{ evidence } = { evidence: {} }] = await call<AlertView[]>('GET', '/v1/alerts');
  expect(evidence).toMatchObject({
    beltChanged: 'red, green, blue',
    medianLumaRatio: expect.closeTo(0.5, 1),
  });
  await send(2, 1);
  await eventually(async () => (await alertsOf())[0] === 'drift-camera false', 8_000);
  expect(await alertsOf()).toHaveLength(1);
  const told = ['drift-camera on left raised', 'drift-camera on left over'];
  await eventually(() => heard.broker.length === 2 && heard.webhook.length === 2);
  expect(heard).toEqual({ broker: told, webhook: told });
  const logged = running.logger.lines.filter(
    ({ fields }) => 'kind' in fields && fields.kind === 'drift-camera',
  );
  expect(logged.map(({ level }) => level)).toEqual(['warn', 'info']);
  await stop();
}, 25_000);

it('shows the windows with their figures, limits and verdicts', async () => {
  const { windows, bins, release, baseline } = await detail();
  expect(release).toEqual(drawnRelease);
  expect(baseline).toEqual({ windows: 5, needed: 5, complete: true });
  expect(windows.map(({ verdict }) => verdict)).toEqual([
    ...new Array<string>(5).fill('baseline'),
    ...['normal', 'normal', 'normal', 'beyond', 'drift', 'drift'],
    ...['drift', 'normal'],
  ]);
  const dark = windows[10]!;
  expect(dark.kind).toBe('camera');
  const luma = dark.statistics.find(({ name }) => name === 'luma')!;
  expect(luma.psi!).toBeGreaterThan(luma.limit!);
  const { red } = dark.belt;
  expect(red.value!).toBeLessThan(red.expected! - red.within!);
  expect(red.beyond).toBe(true);
  expect(dark.accuracyAtBaselineMix.beyond).toBe(false);
  for (const { name, counts } of dark.statistics) {
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(windowFruits);
    expect(bins.find((row) => row.name === name)!.baseline).toHaveLength(counts.length);
  }
});

it('counts a window once that comes twice, and acknowledges also what it puts into quarantine', async () => {
  acked.length = 0;
  const again = drawWindows(1, windowFruits, 10, {}, 0)[0]!;
  await station.send('drift', again);
  await station.send('drift', { ...again, seq: 900 });
  const broken = { ...again, seq: 901, histograms: [{ name: 'luma', counts: [1, 2] }] };
  await station.sendBytes('drift', JSON.stringify(broken));
  await eventually(() => [0, 900, 901].every((each) => acked.includes(each)));
  const { windowCount, windows } = await detail();
  expect([windowCount, windows.filter((window) => window.seq === 0).length]).toEqual([14, 1]);
});

it('keeps windows of other bins, and judges by none of them', async () => {
  const [other] = drawWindows(1, windowFruits, 10, { gain: 0.3 }, 902);
  await station.send('drift', { ...other!, edges: 999 });
  await eventually(() => acked.includes(902));
  expect((await detail()).windowCount).toBe(14);
});

it('answers 404 for a station that is not known', async () => {
  const { plane } = running;
  const headers = { authorization: `Bearer ${plane.localToken}` };
  expect((await fetch(new URL('/v1/drift/right', plane.urls.console), { headers })).status).toBe(404);
});
