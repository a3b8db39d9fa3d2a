import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import {
  accessRulesOf,
  type ChannelName,
  channelNames,
  channelRow,
  filterOf,
  systemClock,
} from '@pomona/wire';
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/manual-clock.ts';
import {
  eventually,
  startTestControlPlane,
  type TestControlPlane,
} from '../../testing/test-control-plane.ts';
import {
  createCsr,
  enrolTestStation,
  type StationIdentity,
  TestStation,
  testGrades,
  testStatus,
} from '../../testing/test-station.ts';
import { openPki } from '../pki/open-pki.ts';

let running: TestControlPlane;
let left: StationIdentity;
let right: StationIdentity;
const clients: MqttClient[] = [];

beforeAll(async () => {
  running = await startTestControlPlane();
  left = await enrolTestStation(running.plane, 'left');
  right = await enrolTestStation(running.plane, 'right');
  await running.plane.addReader('reader', 'secret password', ['grades', 'health']);
});
afterAll(async () => {
  for (const client of clients) await client.endAsync(true);
  await running.remove();
});

async function connect(options: IClientOptions): Promise<MqttClient> {
  const client = await connectAsync(running.plane.urls.broker, {
    ca: running.plane.caPem,
    protocolVersion: 4,
    reconnectPeriod: 0,
    ...options,
  });
  client.on('error', () => undefined);
  clients.push(client);
  return client;
}

const asStation = (identity: StationIdentity, options: IClientOptions = {}) =>
  connect({ key: identity.keyPem, cert: identity.certificatePem, ...options });
const asReader = (options: IClientOptions = {}) =>
  connect({ username: 'reader', password: 'secret password', ...options });
const closed = (client: MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));
const causes = async () => (await running.plane.overview()).rejectedMessages.map(({ cause }) => cause);

async function refusals(): Promise<number> {
  const { rejectedMessages } = await running.plane.overview();
  return rejectedMessages
    .filter(({ cause }) => cause === 'publish-not-allowed')
    .reduce((sum, { count }) => sum + count, 0);
}

/** The granted QoS, 128 for a refusal. */
async function granted(client: MqttClient, filter: string): Promise<number | undefined> {
  try {
    const [grant] = await client.subscribeAsync(filter, { qos: 1 });
    return grant?.qos;
  } catch (error) {
    if (String(error).includes('Unspecified error')) return 128;
    throw error;
  }
}

describe('who may connect', () => {
  it('is a station with its certificate, and a reader with its password', async () => {
    expect((await asStation(left)).connected).toBe(true);
    expect((await asReader()).connected).toBe(true);
  });

  it.each([
    ['nobody', {}],
    ['a wrong password', { username: 'reader', password: 'secret passwore' }],
    ['a longer password', { username: 'reader', password: 'secret password ' }],
    ['no password', { username: 'reader' }],
    ['an unknown user', { username: 'nobody', password: 'secret password' }],
    ['a station by name', { username: 'left', password: '' }],
    ['a user from a prototype', { username: '__proto__', password: 'x' }],
  ] satisfies [string, IClientOptions][])('is not %s', async (_who, options) => {
    await expect(connect(options)).rejects.toMatchObject({
      code: expect.toSatisfy((c) => c === 4 || c === 5),
    });
  });

  it('is not a station with a certificate of another authority, even with a good password', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pomona-other-'));
    const other = await openPki(folder, systemClock, []);
    const { csrPem, keyPem } = await createCsr('left');
    const { certificatePem } = await other.signStation(csrPem, 'left');
    await expect(
      connect({ key: keyPem, cert: certificatePem, username: 'reader', password: 'secret password' }),
    ).rejects.toMatchObject({ code: 5 });
    rmSync(folder, { recursive: true });
  });

  it('is not a station whose certificate ran out, or was replaced by a later enrolment', async () => {
    const old = await enrolTestStation(running.plane, 'replaced');
    await asStation(old);
    const now = await enrolTestStation(running.plane, 'replaced');
    await expect(asStation(old)).rejects.toMatchObject({ code: 5 });
    await asStation(now);
    const clock = new ManualClock(Date.now() - 400 * 86_400_000);
    const pki = await openPki(`${running.folder}/pki`, clock, []);
    const { csrPem, keyPem } = await createCsr('left');
    const { certificatePem } = await pki.signStation(csrPem, 'left');
    await expect(connect({ key: keyPem, cert: certificatePem })).rejects.toMatchObject({ code: 5 });
  });

  it('cannot take over the connection of somebody else by its client id', async () => {
    const station = await asStation(left, { clientId: 'left' });
    const reader = await asReader({ clientId: 'left' });
    const thief = await asReader({ clientId: 'control-plane' });
    await asStation(right, { clientId: 'left' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([station, reader, thief].map((client) => client.connected)).toEqual([true, true, true]);
    expect((await running.plane.overview()).stations.length).toBeGreaterThan(1);
    const again = await asStation(left, { clientId: 'left' });
    await eventually(() => !station.connected && again.connected);
  });
});

describe('what a station may do', () => {
  const up = channelNames.filter((name) => channelRow(name).direction === 'up');
  const down = channelNames.filter((name) => channelRow(name).direction === 'down');
  const topicFor = (channel: string, station = 'left', site = 'orchard', line = 'one') =>
    `pomona/v1/${site}/${line}/${station}/${channel}`;

  it.each(up)('publish to its own %s', async (channel) => {
    const client = await asStation(left);
    await client.publishAsync(topicFor(channel), '{}', { qos: 1 });
    expect(client.connected).toBe(true);
  });

  it.each([
    ...up.map((channel) => topicFor(channel, 'right')),
    ...down.map((channel) => topicFor(channel)),
    topicFor('grades', 'left', 'elsewhere'),
    topicFor('grades', 'left', 'orchard', 'two'),
    topicFor('grades/more'),
    topicFor('nothing'),
    'pomona/v2/orchard/one/left/grades',
    'anything',
    '$SYS/x',
  ])('not publish to %s', async (topic) => {
    const witness = await asReader();
    const seen: string[] = [];
    witness.on('message', (at) => seen.push(at));
    await witness.subscribeAsync(filterOf('grades'));
    const client = await asStation(left);
    const end = closed(client);
    const before = await refusals();
    client.publish(topic, JSON.stringify(testGrades([1])), { qos: 1 });
    await end;
    await eventually(async () => (await refusals()) > before);
    // What comes through afterwards shows that nothing came before it.
    const marker = await TestStation.connect(running.plane, right);
    await marker.send('grades', testGrades([2]));
    await eventually(() => seen.length > 0);
    expect(seen).toEqual([marker.topic('grades')]);
    await marker.end();
  });

  it('subscribe to what comes down to it, and to nothing else', async () => {
    const client = await asStation(left);
    for (const channel of down) expect(await granted(client, topicFor(channel))).toBe(1);
    for (const channel of down) expect(await granted(client, filterOf(channel, { station: 'left' }))).toBe(1);
    const refused = [
      '#',
      '+/#',
      '$SYS/#',
      'pomona/v1/+/+/left/#',
      'pomona/v1/+/+/left/+',
      ...down.flatMap((channel) => [topicFor(channel, 'right'), filterOf(channel)]),
      ...up.map((channel) => topicFor(channel)),
    ];
    for (const filter of refused) expect([filter, await granted(client, filter)]).toEqual([filter, 128]);
    expect(client.connected).toBe(true);
  });

  it('not leave a message that is retained on a channel that is not', async () => {
    const client = await asStation(left);
    await client.publishAsync(topicFor('grades'), JSON.stringify(testGrades([1])), { qos: 1, retain: true });
    const reader = await asReader();
    const seen: string[] = [];
    reader.on('message', (topic) => seen.push(topic));
    await reader.subscribeAsync(filterOf('grades'));
    await client.publishAsync(topicFor('grades'), JSON.stringify(testGrades([2])), { qos: 1 });
    await eventually(() => seen.length > 0);
    expect(seen).toHaveLength(1);
  });

  it('not be seen to be away by a will that is not its own', async () => {
    const reader = await asReader();
    const seen: string[] = [];
    reader.on('message', (topic) => seen.push(topic));
    await reader.subscribeAsync(filterOf('health'));
    const client = await asStation(left, {
      will: { topic: topicFor('health', 'right'), payload: Buffer.from('{}'), qos: 1, retain: false },
    });
    const before = await refusals();
    client.stream.destroy();
    await eventually(async () => (await refusals()) > before);
    expect(seen).toEqual([]);
  });
});

describe('what a reader may do', () => {
  it('read the channels that it was granted, of all lines or of one', async () => {
    const reader = await asReader();
    expect(await granted(reader, filterOf('grades'))).toBe(1);
    expect(await granted(reader, filterOf('grades', { line: 'one' }))).toBe(1);
    expect(await granted(reader, filterOf('health'))).toBe(1);
  });

  it('not read another channel', async () => {
    const reader = await asReader();
    const others = channelNames.filter((name) => name !== 'grades' && name !== 'health');
    for (const filter of [
      '#',
      'pomona/#',
      'pomona/v1/+/+/+/+',
      '$SYS/#',
      ...others.map((name) => filterOf(name)),
    ])
      expect([filter, await granted(reader, filter)]).toEqual([filter, 128]);
  });

  it.each(channelNames)('not publish to %s', async (channel: ChannelName) => {
    const reader = await asReader();
    const end = closed(reader);
    reader.publish(`pomona/v1/orchard/one/left/${channel}`, '{}', { qos: 1 });
    await end;
  });
});

it('a reader that was removed or has another password is disconnected, and no other', async () => {
  const connectAs = async (username: string) => {
    await running.plane.addReader(username, 'its first password');
    return connect({ username, password: 'its first password' });
  };
  const [removed, changed, kept] = await Promise.all(['removed', 'changed', 'kept'].map(connectAs));
  const bothEnd = Promise.all([closed(removed!), closed(changed!)]);
  await running.plane.stores.readers.remove('removed');
  await running.plane.addReader('changed', 'its other password');
  await bothEnd;
  expect(kept!.connected).toBe(true);
  await expect(connect({ username: 'removed', password: 'its first password' })).rejects.toThrow();
});

it('the control plane may do exactly what the table says', () => {
  const { publish, subscribe } = accessRulesOf({ kind: 'control-plane' });
  expect(publish.length + subscribe.length).toBe(channelNames.length);
});

describe('limits', () => {
  it('ends a connection that announces a packet over the limit, before its bytes come', async () => {
    const { hostname, port } = new URL(running.plane.urls.broker);
    const socket = connectTls({ host: hostname, port: Number(port), ca: running.plane.caPem });
    socket.on('error', () => undefined);
    await new Promise<void>((resolve) => socket.once('secureConnect', () => resolve()));
    socket.resume();
    // A CONNECT of 200 MB: type, then the length in four bytes of seven bits.
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x5f]));
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
    await eventually(async () => (await causes()).includes('packet-oversized'));
  });

  it('takes a payload of the largest channel in small pieces', async () => {
    const station = await TestStation.connect(running.plane, left);
    const payload = Buffer.alloc(channelRow('grades').maxBytes, 0x20);
    await station.sendBytes('grades', payload);
    await station.send('status', testStatus('online'));
    await eventually(async () => {
      const { stations } = await running.plane.overview();
      return stations.find((view) => view.station === 'left')?.status?.state === 'online';
    });
    await station.end();
  });
});
