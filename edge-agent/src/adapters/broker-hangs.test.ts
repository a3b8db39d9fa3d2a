/** What a broker at the line that hangs delivers when it goes on, and that none of it is a shot. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { checkStationConfig, type MqttGate } from '@pomona/firmware-config';
import { seededRandom } from '@pomona/wire';
import { connectAsync } from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../testing/free-port.ts';
import { OutletReceiver } from '../testing/outlet-receiver.ts';
import { isMosquittoInstalled, type OwnMosquitto, startOwnMosquitto } from '../testing/own-mosquitto.ts';
import { GateDriver } from '../use-cases/drive-gates.ts';
import { mqttGates } from './gate-mqtt.ts';
import { systemScheduler } from './system-scheduler.ts';

const patience = { timeout: 20_000, interval: 10 };
let undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const last of undo.reverse()) await last();
  undo = [];
});

async function startLine(qos: 0 | 1, starts = true) {
  const folder = mkdtempSync(join(tmpdir(), 'pomona-hangs-'));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  const port = await freePort();
  const broker: OwnMosquitto = await startOwnMosquitto({ folder, port });
  undo.push(() => broker.kill());
  const url = `mqtt://127.0.0.1:${port}`;
  const device = await connectAsync(url, { keepalive: 600 });
  undo.push(() => device.endAsync(true));
  const receiver = new OutletReceiver('line/gates');
  device.on('message', (topic, payload, { retain }) => receiver.hear(topic, payload.toString(), retain));
  await device.subscribeAsync('line/gates/#', { qos: 0 });
  const config = checkStationConfig(
    {
      ...{ v: 1, site: 'a', line: 'b', station: 'c', dataDir: '/d' },
      camera: { kind: 'replay', folder: '/f' },
      gate: {
        kind: 'mqtt',
        url,
        topic: 'line/gates',
        qos,
        heartbeatMs: 5_000,
        outputs: [{ gate: 1, pulseMs: 1_000 }],
      },
    },
    'test',
  ).gate as MqttGate;
  const gates = mqttGates(config, {
    scheduler: systemScheduler,
    random: seededRandom(1),
    onTrouble: () => undefined,
  });
  undo.push(() => gates.close().catch(() => undefined));
  let ups = 0;
  if (starts) {
    gates.start(() => ups++);
    await expect.poll(() => ups, patience).toBe(1);
    await expect.poll(() => receiver.said, patience).toContain('state online');
  }
  return { broker, config, gates, receiver, ups: () => ups, url };
}

describe.skipIf(!isMosquittoInstalled).each([0, 1] as const)(
  'a device that knows the clock by heartbeats, at QoS %i',
  (qos) => {
    it('opens for the first shot after each connect, long before the next heartbeat is due', async () => {
      const { gates, receiver } = await startLine(qos);
      await expect(gates.set(0, true)).resolves.toBeUndefined();
      await expect.poll(() => receiver.opened.length + receiver.dropped.length, patience).toBe(1);
      expect(receiver.opened).toHaveLength(1);
      expect(receiver.said.slice(-2)).toEqual([
        expect.stringMatching(/^heartbeat/),
        expect.stringMatching('true'),
      ]);
    });

    it('is told the clock as soon as there is somebody who drives it', async () => {
      const { config, receiver, gates } = await startLine(qos, false);
      const { outputs } = config;
      const driver = new GateDriver(
        { outputs, gateDistanceMm: 100, heartbeatMs: 5_000 },
        { scheduler: systemScheduler, device: gates, onTrouble: () => undefined },
      );
      undo.push(() => driver.stop().catch(() => undefined));
      driver.sees();
      driver.start();
      await expect.poll(() => receiver.said.at(-1), patience).toMatch(/^heartbeat/);
      await gates.set(0, true);
      await expect.poll(() => receiver.opened.length + receiver.dropped.length, patience).toBe(1);
      expect(receiver.opened).toHaveLength(1);
      expect(receiver.said.filter((line) => line.startsWith('heartbeat'))).toHaveLength(1);
    });
  },
);

describe.skipIf(!isMosquittoInstalled).each([0, 1] as const)('a broker that hangs, at QoS %i', (qos) => {
  it('gets no shot while it owes an answer, and delivers none when it goes on', async () => {
    const { broker, gates, receiver, ups, url } = await startLine(qos);
    // A busy machine may owe an answer for longer than a shot waits.
    const opens = () =>
      expect.poll(
        () =>
          gates.set(0, true).then(
            () => 'taken',
            ({ code }) => code,
          ),
        patience,
      );
    await opens().toBe('taken');
    await gates.set(0, false);
    await expect.poll(() => receiver.said.at(-1), patience).toBe('gate/1 {"on":false}');
    const opened = receiver.opened.length;
    expect(opened).toBeGreaterThan(0);
    broker.hang();
    // Nobody can know yet: this one goes into the socket, and so does the end of its pulse.
    const atOnce = [gates.set(0, true), gates.set(0, false)].map((set) =>
      set.then(
        () => 'taken',
        () => 'not taken',
      ),
    );
    await pause(300);
    // Half a second after the first it is given up, which a busy machine may come to sooner than to this.
    const later = await gates.set(0, true).catch(({ code }) => code);
    expect(['gate-silent', 'gate-away']).toContain(later);
    expect(await Promise.all(atOnce)).toEqual(['not taken', 'not taken']);
    await expect.poll(() => gates.isUp, patience).toBe(false);
    await expect(gates.set(0, true)).rejects.toMatchObject({ code: 'gate-away' });
    const before = receiver.said.length;
    await pause(1_000);
    broker.goOn();
    await expect.poll(ups, patience).toBe(2);
    await expect.poll(() => receiver.said.at(-1), patience).toBe('state online');
    const late = receiver.said.slice(before);
    expect(late.filter((line) => line.includes('true')).length).toBeLessThanOrEqual(1);
    // Who has no clock to compare is told to let go at the same moment.
    if (late[0]?.includes('true')) expect(late.slice(1, 3)).toEqual(['gate/1 {"on":false}', 'state offline']);
    expect(receiver.opened).toHaveLength(opened);
    expect(receiver.said.filter((line) => line.startsWith('state')).at(-1)).toBe('state online');
    await opens().toBe('taken');
    await expect.poll(() => receiver.opened.length, patience).toBeGreaterThan(opened);
    const latecomer = await connectAsync(url, {});
    undo.push(() => latecomer.endAsync(true));
    const kept: string[] = [];
    latecomer.on('message', (topic, payload) => kept.push(`${topic} ${payload.toString()}`));
    await latecomer.subscribeAsync('line/gates/#');
    await expect.poll(() => kept, patience).toEqual(['line/gates/state online']);
  });

  it('gives no shot of before to a device that was away, and says online when it hung for many attempts', async () => {
    const { broker, gates, receiver, ups } = await startLine(qos);
    broker.hang();
    await expect.poll(() => gates.isUp, patience).toBe(false);
    // Each attempt leaves a connection that is dead, with a will.
    await pause(8_000);
    broker.goOn();
    await expect.poll(ups, patience).toBe(2);
    await pause(500);
    expect(receiver.said.filter((line) => line.startsWith('state')).at(-1)).toBe('state online');
    expect(gates.isUp).toBe(true);
    expect(receiver.opened).toEqual([]);
  }, 40_000);
});
