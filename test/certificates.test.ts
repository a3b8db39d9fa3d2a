/** A real agent whose certificate nears its end, or ended while it lay in a drawer, at a real control plane. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, startTestControlPlane, type TestControlPlane } from '@pomona/cloud/testing';
import { createLog, enrolAgent, type RunningAgent, runAgent } from '@pomona/edge-agent';
import { loadStationConfig } from '@pomona/firmware-config';
import { systemClock } from '@pomona/wire';
import { afterEach, beforeEach, expect, it } from 'vitest';

const dayMs = 86_400_000;
const deps = { log: createLog('error', true), version: 'test' };
const address = { site: 'orchard', line: 'one', station: 'left' };
let folder = '';
let running: TestControlPlane;
let agent: RunningAgent | undefined;
let aheadMs = 0;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-certificates-'));
  aheadMs = 0;
  const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs };
  running = await startTestControlPlane({ clock });
});
afterEach(async () => {
  await agent?.stop();
  agent = undefined;
  await running.remove();
  rmSync(folder, { recursive: true });
});

/** As enrolled `days` ago. */
async function enrolledBefore(days: number) {
  aheadMs = -days * dayMs;
  const claim = await running.plane.claim(address);
  const file = join(folder, 'station.json');
  writeFileSync(
    file,
    JSON.stringify({
      v: 1,
      ...address,
      dataDir: 'data',
      claim,
      camera: { kind: 'command', command: ['true'] },
    }),
  );
  const config = await loadStationConfig(file);
  await enrolAgent(config, deps);
  aheadMs = 0;
  return config;
}

const certificate = () =>
  new X509Certificate(
    JSON.parse(readFileSync(join(folder, 'data/identity/identity.json'), 'utf8')).certificatePem,
  );
const daysLeft = () => (new Date(certificate().validTo).getTime() - systemClock.nowMs()) / dayMs;
const isOnline = async () => (await running.plane.overview()).stations[0]?.status?.state === 'online';

it('gets a new one by itself after a year in a drawer, and connects with it', async () => {
  const config = await enrolledBefore(800);
  expect(daysLeft()).toBeLessThan(-400);
  agent = await runAgent(config, deps);
  await eventually(() => daysLeft() > 360, 45_000);
  await eventually(isOnline, 45_000);
  const endsAt = new Date(certificate().validTo).toISOString();
  await eventually(async () => {
    const health = (await running.plane.overview()).stations[0]?.health;
    return health?.certificate?.endsAt === endsAt && health.certificate.trouble === undefined;
  }, 30_000);
}, 120_000);

it('is told of by the station and alerted on where it ends soon and no new one can be had', async () => {
  const { update, ...config } = await enrolledBefore(320);
  // Nobody listens there.
  agent = await runAgent(
    { ...config, update: { ...update, url: 'https://127.0.0.1:1' }, healthIntervalS: 1 },
    deps,
  );
  await eventually(isOnline, 20_000);
  const open = async () =>
    (await running.plane.stores.alerts.list('station-certificate')).find(({ closedAt }) => closedAt === null);
  await eventually(async () => (await open()) !== undefined, 60_000);
  expect(await open()).toMatchObject({
    ...{ station: 'left', severity: 'warning' },
    evidence: { endsAt: new Date(certificate().validTo).toISOString(), trouble: expect.stringMatching(/./) },
  });
}, 120_000);

it('renews one that nears its end while it is connected, and connects with the new one after a start', async () => {
  const config = await enrolledBefore(300);
  const before = certificate().serialNumber;
  agent = await runAgent(config, deps);
  await eventually(isOnline, 20_000);
  await eventually(() => daysLeft() > 360, 45_000);
  expect(certificate().serialNumber).not.toBe(before);
  await agent.stop();
  await eventually(async () => !(await isOnline()), 20_000);
  agent = await runAgent(config, deps);
  await eventually(isOnline, 20_000);
}, 120_000);

it('comes back with a new claim after another board took its place', async () => {
  const config = await enrolledBefore(0);
  agent = await runAgent(config, deps);
  await eventually(isOnline, 20_000);
  const own = certificate().serialNumber;
  const otherBoard = { ...config, dataDir: join(folder, 'other'), claim: await running.plane.claim(address) };
  await enrolAgent(otherBoard, deps);
  const boot = async () => (await running.plane.overview()).stations[0]?.status?.boot;
  const ownBoot = await boot();
  const other = await runAgent(otherBoard, deps);
  await eventually(async () => (await boot()) !== ownBoot, 20_000);
  await other.stop();
  await agent.stop();
  await eventually(async () => !(await isOnline()), 20_000);

  const back = { ...config, claim: await running.plane.claim(address) };
  await enrolAgent(back, deps);
  expect(certificate().serialNumber).toBe(own);
  await enrolAgent(back, deps, true);
  agent = await runAgent(back, deps);
  await eventually(isOnline, 20_000);
}, 120_000);
