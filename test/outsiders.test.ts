/** What third parties may do at the broker, tried with the client that they are most likely to use. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  enrolTestStation,
  eventually,
  type StationIdentity,
  startTestControlPlane,
  type TestControlPlane,
  TestStation,
  testGrades,
  testHealth,
} from '@pomona/cloud/testing';
import { decode, filterOf, topicOf } from '@pomona/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const isInstalled = spawnSync('mosquitto_sub', ['--help']).error === undefined;
if (!isInstalled) {
  const what = 'mosquitto_sub is not installed (Debian: mosquitto-clients)';
  if (process.env.POMONA_REQUIRE_ALL === '1') throw new Error(what);
  console.warn(`SKIPPED: ${what}`);
}

let running: TestControlPlane;
let left: StationIdentity;
let right: StationIdentity;
let folder: string;
let connection: string[];
const reader = ['-u', 'integrator', '-P', 'open sesame'];

describe.skipIf(!isInstalled)('mosquitto', () => {
  beforeAll(async () => {
    running = await startTestControlPlane();
    folder = mkdtempSync(join(tmpdir(), 'pomona-outsiders-'));
    left = await enrolTestStation(running.plane, 'left', 'north', 'one');
    right = await enrolTestStation(running.plane, 'right', 'south', 'two');
    await running.plane.addReader('integrator', 'open sesame');
    const { hostname, port } = new URL(running.plane.urls.broker);
    connection = ['-h', hostname, '-p', port, '--cafile', running.plane.caFile, '-V', 'mqttv311'];
  });
  afterAll(async () => {
    await running?.remove();
    if (folder) rmSync(folder, { recursive: true });
  });

  it('reads the grades of all lines over TLS with a user and a password', async () => {
    const wanted = [topicOf(left, 'grades'), topicOf(right, 'grades')];
    const options = ['-q', '1', '-W', '30', '-F', '%t %p', '-t', filterOf('grades')];
    const subscriber = spawn('mosquitto_sub', [...connection, ...reader, ...options]);
    let output = '';
    subscriber.stdout.on('data', (part: Buffer) => {
      output += part.toString();
    });
    const stations = await Promise.all(
      [left, right].map((identity) => TestStation.connect(running.plane, identity)),
    );
    let seq = 0;
    await eventually(async () => {
      for (const station of stations) {
        await station.send('grades', testGrades([seq++]));
        await station.send('health', testHealth(seq++));
      }
      return wanted.every((topic) => output.includes(`${topic} `)) && output.endsWith('\n');
    }, 20_000);
    const ended = once(subscriber, 'exit');
    subscriber.kill('SIGTERM');
    await ended;
    for (const station of stations) await station.end();
    for (const line of output.trim().split('\n')) {
      const [topic = '', ...payload] = line.split(' ');
      expect(wanted).toContain(topic);
      expect(decode('grades', Buffer.from(payload.join(' ')))).toMatchObject({ ok: true });
    }
  });

  it.each(['health', 'status', 'desired', 'transfer/chunk', 'ack'] as const)(
    'cannot read %s that was not granted',
    async (channel) => {
      const { output } = await run('mosquitto_sub', [
        ...connection,
        ...reader,
        '-W',
        '5',
        '-t',
        filterOf(channel),
      ]);
      expect(output).toMatch(/denied/i);
    },
  );

  it('cannot read everything at once', async () => {
    const { output } = await run('mosquitto_sub', [...connection, ...reader, '-W', '5', '-t', '#']);
    expect(output).toMatch(/denied/i);
  });

  it('cannot publish as a reader', async () => {
    const seqs = [77];
    const message = JSON.stringify(testGrades(seqs));
    const file = join(folder, 'message.json');
    writeFileSync(file, message);
    const before = (await running.plane.overview()).fruits;
    const { status } = await run('mosquitto_pub', [
      ...connection,
      ...reader,
      '-q',
      '1',
      '-t',
      topicOf(left, 'grades'),
      '-f',
      file,
    ]);
    expect(status).not.toBe(0);
    await eventually(() => refusedPublications().then((count) => count > 0));
    expect((await running.plane.overview()).fruits).toBe(before);
  });

  it.each([
    ['a wrong password', ['-u', 'integrator', '-P', 'open sesamo']],
    ['nothing', []],
  ])('cannot connect with %s', async (_what, credentials) => {
    const { status, output } = await run('mosquitto_sub', [
      ...connection,
      ...credentials,
      '-W',
      '5',
      '-t',
      filterOf('grades'),
    ]);
    expect(output).toMatch(/not authori[sz]ed|bad user name/i);
    expect(status).not.toBe(0);
  });

  it('does not trust a server that it does not know', async () => {
    const { hostname, port } = new URL(running.plane.urls.broker);
    const own = ['-h', hostname, '-p', port, '--capath', '/etc/ssl/certs', ...reader, '-W', '5'];
    const { status } = await run('mosquitto_sub', [...own, '-t', filterOf('grades')]);
    expect(status).not.toBe(0);
  });

  it('writes below its own topic with the certificate of a station, and nowhere else', async () => {
    const files = ['-t', topicOf(left, 'grades'), '-m', JSON.stringify(testGrades([100, 101]))];
    const before = (await running.plane.overview()).fruits;
    const accepted = await run('mosquitto_pub', [...connection, ...certificateOf(left), '-q', '1', ...files]);
    expect(accepted.status).toBe(0);
    await eventually(async () => (await running.plane.overview()).fruits === before + 2);
    const refusals = await refusedPublications();
    const foreign = ['-t', topicOf(right, 'grades'), '-m', JSON.stringify(testGrades([200]))];
    await run('mosquitto_pub', [...connection, ...certificateOf(left), '-q', '1', ...foreign]);
    await eventually(async () => (await refusedPublications()) > refusals);
    expect((await running.plane.overview()).fruits).toBe(before + 2);
  });
});

/** Not `spawnSync`: the broker lives in this process and has to go on. */
async function run(
  program: string,
  args: readonly string[],
): Promise<{ status: number | null; output: string }> {
  const child = spawn(program, args, { timeout: 15_000 });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part: Buffer) => {
      output += part.toString();
    });
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output };
}

function certificateOf(identity: StationIdentity): string[] {
  const cert = join(folder, `${identity.station}.crt`);
  const key = join(folder, `${identity.station}.key`);
  writeFileSync(cert, identity.certificatePem);
  writeFileSync(key, identity.keyPem, { mode: 0o600 });
  return ['--cert', cert, '--key', key];
}

async function refusedPublications(): Promise<number> {
  const { rejectedMessages } = await running.plane.overview();
  return rejectedMessages
    .filter(({ cause }) => cause === 'publish-not-allowed')
    .reduce((sum, { count }) => sum + count, 0);
}
