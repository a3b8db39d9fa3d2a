/** The link against a real broker over TLS. */
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { queryObjects } from 'node:v8';
import { type ChannelName, decode, type Status, seededRandom, topicOf } from '@pomona/wire';
import { Aedes } from 'aedes';
import { MqttClient } from 'mqtt';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Rejections } from '../domain/rejections.ts';
import { sampleAt, sampleBoot } from '../testing/sample-records.ts';
import { sampleAddress } from '../testing/sample-release.ts';
import { createTestAuthority, type TestAuthority } from '../testing/test-authority.ts';
import type { Scheduler } from '../use-cases/scheduler.ts';
import { MqttLink } from './mqtt-link.ts';
import { PacketConnection } from './packet-connection.ts';
import { systemScheduler } from './system-scheduler.ts';

let authority: TestAuthority;
let tls: { key: string; cert: string };
let broker: Aedes;
let server: Server;
let links: MqttLink[] = [];
let published: { channel: string; bytes: Buffer }[] = [];
let refusedFilter = '';
let sockets: TLSSocket[] = [];

beforeAll(async () => {
  authority = await createTestAuthority();
  tls = await authority.issueServer();
});
beforeEach(() => startBroker(0));
afterEach(async () => {
  for (const link of links) await link.stop();
  links = [];
  await stopBroker();
  refusedFilter = '';
  published = [];
});

async function startBroker(port: number): Promise<void> {
  broker = await Aedes.createBroker({
    authorizeSubscribe: (_, subscription, done) =>
      done(null, subscription.topic === refusedFilter ? null : subscription),
  });
  broker.on('publish', ({ topic, payload }, client) => {
    const isWill = topic.endsWith('/status') && client === null;
    if (client !== null || isWill)
      published.push({ channel: topic.split('/').slice(5).join('/'), bytes: Buffer.from(payload) });
  });
  sockets = [];
  server = createServer({ ...tls, requestCert: true, ca: authority.certificatePem }, (socket) => {
    sockets.push(socket);
    broker.handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
}

async function stopBroker(): Promise<void> {
  await new Promise<void>((resolve) => broker.close(() => resolve()));
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

const port = (): number => (server.address() as AddressInfo).port;

/** Waits are a hundred times shorter than they would be. */
const hurried: Scheduler = {
  ...systemScheduler,
  after: (delayMs, run) => systemScheduler.after(delayMs / 100, run),
};

function status(state: Status['state']): Status {
  return {
    v: 1,
    boot: sampleBoot,
    seq: 0,
    at: sampleAt,
    state,
    agentVersion: '0.1.0',
    board: 'test',
    release: null,
    clock: 'unknown',
  };
}

function connect(options: { ca?: string; url?: string; scheduler?: Scheduler } = {}) {
  const heard: string[] = [];
  const rejected: string[] = [];
  const link = new MqttLink({
    url: options.url ?? `mqtts://127.0.0.1:${port()}`,
    address: sampleAddress,
    tls: { ...tls, ca: options.ca ?? authority.certificatePem },
    status,
    onUp: () => heard.push('up'),
    onDown: (reason) => heard.push(`down: ${reason}`),
    onMessage: (channel, bytes) => heard.push(`${channel}: ${bytes}`),
    rejections: new Rejections(),
    onRejected: (...what) => rejected.push(what.join(' ')),
    scheduler: options.scheduler ?? hurried,
    random: seededRandom(1),
  });
  links.push(link);
  link.start();
  return { link, heard, rejected };
}

async function until(what: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 10_000; !what(); ) {
    if (Date.now() > deadline) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function publish(channel: ChannelName, payload: string, station = sampleAddress.station): void {
  const topic = topicOf({ ...sampleAddress, station }, channel);
  broker.publish(
    { cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false },
    () => undefined,
  );
}

const statesSeen = (): string[] =>
  published.flatMap(({ channel, bytes }) => {
    const decoded = channel === 'status' ? decode('status', bytes) : undefined;
    return decoded?.ok ? [decoded.value.state] : [];
  });

describe('MqttLink', () => {
  it('says what to do where the control plane does not let the station in', async () => {
    broker.authenticate = (_client, _user, _password, done) =>
      done(Object.assign(new Error('enrolled again since'), { returnCode: 5 }), false);
    const { heard } = connect();
    await until(() => heard.length > 0);
    expect(heard[0]).toMatch(/^down: the control plane refuses .* enrolled again since.*`enrol --again`/);
  });

  it('says that it is there, hears its own channels, and says goodbye', async () => {
    // The broker may take its time for the last word.
    const { link, heard } = connect({ scheduler: systemScheduler });
    await until(() => link.isUp());
    publish('ack', 'one');
    publish('desired', 'two');
    publish('ack', 'not for us', 'valley-1-b');
    await until(() => heard.length === 3);
    expect(heard).toEqual(['up', 'ack: one', 'desired: two']);
    expect(link.send('reported', Buffer.from('state'))).toBe(true);
    await until(() => published.some(({ channel }) => channel === 'reported'));
    await link.stop();
    expect(statesSeen()).toEqual(['online', 'offline']);
    expect(link.isUp()).toBe(false);
    expect(link.send('reported', Buffer.from('state'))).toBe(false);
  });

  it('leaves a will that the broker publishes when the connection breaks', async () => {
    const { link } = connect();
    await until(() => link.isUp());
    await until(() => statesSeen().length === 1);
    for (const socket of sockets) socket.destroy();
    await until(() => statesSeen().includes('offline'));
  });

  it('comes back, subscribes and says that it is there again after the broker was away', async () => {
    const { link, heard } = connect();
    await until(() => link.isUp());
    const samePort = port();
    await stopBroker();
    await until(() => !link.isUp());
    await new Promise((resolve) => setTimeout(resolve, 50));
    published = [];
    await startBroker(samePort);
    await until(() => link.isUp());
    publish('ack', 'again');
    await until(() => heard.at(-1) === 'ack: again');
    expect(statesSeen()).toContain('online');
  });

  it('keeps nothing of connections that are gone', async () => {
    const { heard } = connect();
    const ups = (): number => heard.filter((what) => what === 'up').length;
    for (let count = 1; count <= 20; count++) {
      await until(() => ups() === count);
      for (const socket of sockets.splice(0)) socket.destroy();
    }
    await until(() => ups() === 21);
    // Both are counted after what is garbage was collected: the one that is up, and at most the one before.
    expect(queryObjects(MqttClient, { format: 'count' })).toBeLessThanOrEqual(2);
    expect(queryObjects(PacketConnection, { format: 'count' })).toBeLessThanOrEqual(2);
  });

  it('takes no more than its limit before the broker answers', async () => {
    const { link } = connect();
    await until(() => link.isUp());
    await until(() => statesSeen().length === 1);
    const taken = Array.from({ length: 100 }, () => link.send('grades', Buffer.from('x')));
    expect(taken.indexOf(false)).toBeGreaterThan(8);
    expect(taken.filter(Boolean).length).toBeLessThanOrEqual(32);
    await until(() => link.send('grades', Buffer.from('x')));
  });

  it('does not talk to a broker of another authority, and says why it is down', async () => {
    const stranger = await createTestAuthority();
    const { link, heard } = connect({ ca: stranger.certificatePem });
    await until(() => heard.length > 1);
    expect(heard[0]).toMatch(/down: .*(certificate|self-signed|issuer|signature)/);
    expect(link.isUp()).toBe(false);
    expect(statesSeen()).toEqual([]);
  });

  it.each([
    ['behind', 365, 'is not valid yet'],
    ['ahead', -365, 'is valid no more'],
  ])(
    'says that its clock may be %s, by what the broker’s certificate says',
    async (which, days, expected) => {
      await stopBroker();
      const right = tls;
      tls = await authority.issueServer(['127.0.0.1'], days * 86_400_000);
      await startBroker(0);
      try {
        const { heard } = connect();
        await until(() => heard.length > 0);
        expect(heard[0]).toMatch(
          new RegExp(`down: .*clock says \\d{4}-.*${expected}: if the clock is ${which}`),
        );
      } finally {
        await stopBroker();
        tls = right;
        await startBroker(0);
      }
    },
  );

  it('is not up while it may not hear one of its channels', async () => {
    refusedFilter = topicOf(sampleAddress, 'ack');
    const { link, heard } = connect();
    await until(() => heard.length > 0);
    expect(heard[0]).toMatch(/^down/);
    expect(link.isUp()).toBe(false);
  });

  it('keeps trying where nobody listens, and stops at once', async () => {
    const { link, heard } = connect({ url: 'mqtts://127.0.0.1:1' });
    await until(() => heard.length >= 3);
    await link.stop();
    const count = heard.length;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(heard.length).toBe(count);
  });
});
