import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode, systemClock } from '@pomona/wire';
import { connectAsync, connect as connectNow } from 'mqtt';
import { describe, expect, it } from 'vitest';
import { freePort } from '../../testing/free-port.ts';
import {
  forgetPassword,
  isMosquittoInstalled,
  prepareMosquitto,
  startMosquitto,
} from '../../testing/mosquitto-server.ts';
import { eventually, startTestControlPlane } from '../../testing/test-control-plane.ts';
import { enrolTestStation, TestStation, testGrades, testStatus } from '../../testing/test-station.ts';
import type { NewAlert } from '../../use-cases/alerts.ts';
import { writeMosquittoFolder } from '../mosquitto-folder.ts';
import { openPki } from '../pki/open-pki.ts';

const darkAlert: NewAlert = {
  ...{ kind: 'drift-camera', severity: 'warning', station: 'left', title: 'Dark' },
  ...{ detail: 'Clean the lens.', evidence: { luma: 40 } },
};
if (!isMosquittoInstalled) {
  const text = 'Mosquitto is not installed: its test';
  if (process.env.POMONA_REQUIRE_ALL === '1') throw new Error(`${text} cannot run`);
  process.stderr.write(`${text} is left out\n`);
}

describe.skipIf(!isMosquittoInstalled)('a Mosquitto in place of the embedded broker', () => {
  it('carries grades up and desired down, keeps stations apart, and may be killed', async () => {
    const dataFolder = mkdtempSync(join(tmpdir(), 'pomona-mosquitto-'));
    const out = join(dataFolder, 'broker');
    const port = await freePort();
    const readerPort = await freePort();
    const readers = [{ user: 'left', channels: ['grades', 'alerts'] as const }];
    const plan = { dataFolder, out, hosts: ['localhost', '127.0.0.1'], port, readerPort, readers };
    await writeMosquittoFolder(plan, systemClock);
    prepareMosquitto(out, new Map([['left', 'a-good-password']]));
    let mosquitto = await startMosquitto(out, port);
    const brokerUrl = `mqtts://localhost:${port}`;
    const { plane, remove } = await startTestControlPlane({ dataFolder, brokerUrl });
    expect(plane.urls.broker).toBe(brokerUrl);
    const left = await enrolTestStation(plane, 'left');
    const right = await enrolTestStation(plane, 'right');
    expect(left.answer.brokerUrl).toBe(brokerUrl);

    const station = await TestStation.connect(plane, left);
    const heard: { topic: string; payload: Buffer }[] = [];
    station.client.on('message', (topic, payload) => heard.push({ topic, payload }));
    await station.client.subscribeAsync(station.topic('ack'), { qos: 1 });
    await station.client.subscribeAsync(station.topic('desired'), { qos: 1 });
    await station.client.subscribeAsync('pomona/v1/#', { qos: 1 });
    const reader = await connectAsync(`mqtts://localhost:${readerPort}`, {
      ca: plane.caPem,
      username: 'left',
      password: 'a-good-password',
    });
    const read: string[] = [];
    reader.on('message', (topic) => read.push(topic));
    await reader.subscribeAsync('pomona/v1/#', { qos: 1 });

    await station.send('grades', testGrades([1, 2, 3]));
    await eventually(async () => (await plane.overview()).fruits === 3);
    await eventually(() =>
      heard.some(({ topic, payload }) => topic.endsWith('/ack') && decode('ack', payload).ok),
    );

    // A station writes only below its own name, and so does a reader of a station's name.
    const other = await TestStation.connect(plane, right);
    await other.send('status', testStatus('online'));
    await other.client.publishAsync(station.topic('grades'), JSON.stringify(testGrades([70])), { qos: 1 });
    await reader.publishAsync(station.topic('grades'), JSON.stringify(testGrades([71])), { qos: 1 });
    await other.send('grades', testGrades([1]));
    await eventually(async () => (await plane.overview()).fruits === 4);
    await eventually(() => read.length === 2);
    expect(read.every((topic) => topic.endsWith('/grades'))).toBe(true);
    await plane.setDesired('left', { release: null });
    await plane.setDesired('right', { release: null });
    await eventually(() => heard.some(({ topic }) => topic.endsWith('/left/desired')));
    expect(heard.filter(({ topic }) => !topic.includes('/left/'))).toEqual([]);

    // Of the control plane's own name, by an authority that nobody knows.
    const { client: stranger } = await openPki(join(dataFolder, 'stranger'), systemClock, []);
    await expect(
      connectAsync(brokerUrl, {
        ca: plane.caPem,
        key: stranger.keyPem,
        cert: stranger.certificatePem,
        reconnectPeriod: 0,
        connectTimeout: 2_000,
      }),
    ).rejects.toThrow();

    // The broker dies; the control plane comes back by itself, and says again what should run.
    await reader.endAsync(true);
    await mosquitto.stop('SIGKILL');
    mosquitto = await startMosquitto(out, port);
    const again = await TestStation.connect(plane, left);
    const desired: string[] = [];
    again.client.on('message', (topic) => desired.push(topic));
    await again.client.subscribeAsync(again.topic('desired'), { qos: 1 });
    await eventually(() => desired.length > 0, 10_000);
    await again.send('grades', testGrades([4, 5]));
    await eventually(async () => (await plane.overview()).fruits === 6);

    // What is sent while the control plane is down is not acknowledged, so the sender sends it again.
    await plane.stop();
    await again.send('grades', testGrades([6]));
    const next = await startTestControlPlane({ dataFolder, brokerUrl });
    expect((await next.plane.overview()).fruits).toBe(6);
    await again.send('grades', testGrades([6]));
    await eventually(async () => (await next.plane.overview()).fruits === 7);

    // What happens while the broker is away is told when it is back, to a reader that keeps its session too.
    const keeping = {
      ...{ ca: next.plane.caPem, username: 'left', password: 'a-good-password' },
      ...{ clientId: 'keeping', clean: false, reconnectPeriod: 0 },
    };
    const before = await connectAsync(`mqtts://localhost:${readerPort}`, keeping);
    await before.subscribeAsync('pomona/v1/+/+/+/alerts', { qos: 1 });
    await before.endAsync(true);
    await mosquitto.stop();
    const raised = await next.plane.stores.alerts.open(darkAlert, systemClock.nowMs());
    const authorization = `Bearer ${next.plane.localToken}`;
    const acknowledged = await fetch(`${next.plane.urls.console}/v1/alerts/${raised!.alert.id}/acknowledge`, {
      ...{ method: 'POST', body: JSON.stringify({ note: 'lens cleaned' }) },
      headers: { authorization, 'content-type': 'application/json' },
    });
    expect(acknowledged.status).toBe(200);
    mosquitto = await startMosquitto(out, port);
    // The stations' port answered: the readers' may take a moment more.
    const late = connectNow(`mqtts://localhost:${readerPort}`, { ...keeping, reconnectPeriod: 200 });
    const told: string[] = [];
    late.on('message', (topic, payload) => {
      const decoded = decode('alerts', payload);
      if (decoded.ok) told.push(`${topic} ${decoded.value.event} ${decoded.value.alert.note}`);
    });
    await eventually(() => told.length > 0, 20_000);
    expect(told).toEqual(['pomona/v1/orchard/one/left/alerts acknowledged lens cleaned']);
    await late.endAsync(true);

    await Promise.all([station, other, again].map(({ client }) => client.endAsync(true)));
    await next.plane.stop();
    await mosquitto.stop();
    await remove();
    rmSync(dataFolder, { recursive: true, force: true });
  }, 60_000);

  it('ends the connection of a removed reader when it is told, and gives it nothing from its list alone', async () => {
    const dataFolder = mkdtempSync(join(tmpdir(), 'pomona-mosquitto-'));
    const out = join(dataFolder, 'broker');
    const port = await freePort();
    const readerPort = await freePort();
    const reader = (user: string) => ({ user, channels: ['grades'] as const });
    const plan = { dataFolder, out, hosts: ['localhost'], port, readerPort };
    await writeMosquittoFolder({ ...plan, readers: [reader('erp'), reader('guest')] }, systemClock);
    const configuration = readFileSync(join(out, 'mosquitto.conf'));
    prepareMosquitto(out, new Map(['erp', 'guest'].map((user) => [user, 'a-good-password'])));
    const mosquitto = await startMosquitto(out, port);
    const { plane, remove } = await startTestControlPlane({
      dataFolder,
      brokerUrl: `mqtts://localhost:${port}`,
    });
    const station = await TestStation.connect(plane, await enrolTestStation(plane, 'left'));
    const [erp, guest] = await Promise.all(
      ['erp', 'guest'].map(async (username) => {
        const client = await connectAsync(`mqtts://localhost:${readerPort}`, {
          ...{ ca: plane.caPem, username, password: 'a-good-password', reconnectPeriod: 0 },
        });
        const read: number[] = [];
        client.on('message', (_topic, payload) => read.push(payload.length));
        await client.subscribeAsync('pomona/v1/+/+/+/grades', { qos: 1 });
        return { client, read };
      }),
    );
    await station.send('grades', testGrades([1]));
    await eventually(() => erp!.read.length === 1 && guest!.read.length === 1);

    // As `pomona broker mosquitto` does once the reader is removed: the passwords are not its to write.
    await writeMosquittoFolder({ ...plan, readers: [reader('erp')] }, systemClock);
    writeFileSync(join(out, 'mosquitto.conf'), configuration);
    mosquitto.reload();
    await eventually(async () => {
      const before = guest!.read.length;
      const heard = erp!.read.length;
      await station.send('grades', testGrades([erp!.read.length + 1]));
      await eventually(() => erp!.read.length > heard);
      return guest!.read.length === before;
    }, 10_000);
    expect(guest!.client.connected).toBe(true);

    const ended = new Promise<void>((resolve) => guest!.client.once('close', () => resolve()));
    forgetPassword(out, 'guest');
    mosquitto.reload();
    await ended;
    expect(erp!.client.connected).toBe(true);
    await Promise.all([erp!.client, guest!.client, station.client].map((client) => client.endAsync(true)));
    await plane.stop();
    await mosquitto.stop();
    await remove();
    rmSync(dataFolder, { recursive: true, force: true });
  }, 60_000);
});
