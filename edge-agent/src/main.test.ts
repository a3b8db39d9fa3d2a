/** The program as it runs on a board, from its command line to its exit code. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defaultLineGeometry } from '@pomona/grading';
import type { Claim } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  runnableReleaseFiles,
  sampleAddress,
  sampleDesired,
  sampleRecipe,
  sampleReleaseFiles,
} from './testing/sample-release.ts';
import { standInFruits } from './testing/stand-in-line.ts';
import { startTestControlPlane, type TestControlPlane } from './testing/test-control-plane.ts';

const built = (path: string): string => fileURLToPath(new URL(`../dist/${path}`, import.meta.url));
let folder = '';
let plane: TestControlPlane | undefined;
let agents: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-agent-'));
});
afterEach(async () => {
  for (const agent of agents) agent.kill('SIGKILL');
  agents = [];
  await plane?.stop();
  plane = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function start(...args: string[]) {
  const child = spawn(process.execPath, [built('main.js'), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH },
  });
  agents.push(child);
  const agent = {
    child,
    err: '',
    out: '',
    exit: once(child, 'exit').then(([code]) => code as number | null),
  };
  child.stdout.on('data', (text: Buffer) => {
    agent.out += text;
  });
  child.stderr.on('data', (text: Buffer) => {
    agent.err += text;
  });
  return agent;
}

function configure(claim: Claim | undefined, changes: object = {}, fruitsPerLane = 400): string {
  const camera = join(folder, 'camera.mjs');
  const options = {
    geometry: defaultLineGeometry,
    fruits: standInFruits(2, fruitsPerLane, 132, 50),
    framesPerSecond: 24,
    stepMm: 27,
  };
  writeFileSync(
    camera,
    `process.argv[2] = ${JSON.stringify(JSON.stringify(options))};
     await import(${JSON.stringify(built('testing/stand-in-camera.js'))});`,
  );
  const config = {
    v: 1,
    ...sampleAddress,
    dataDir: 'data',
    ...(claim && { claim }),
    camera: { kind: 'command', command: [process.execPath, camera] },
    healthIntervalS: 1,
    probation: { soakS: 2, missedShareMax: 0.9, unseenShareMax: 0.9 },
    ...changes,
  };
  writeFileSync(join(folder, 'station.json'), JSON.stringify(config));
  return join(folder, 'station.json');
}

async function until(what: () => boolean, why: () => string): Promise<void> {
  for (const deadline = Date.now() + 45_000; !what(); ) {
    if (Date.now() > deadline) throw new Error(`it did not happen in time: ${why()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Names of the fruits that got a shot. */
function shots(): string[] {
  const file = join(folder, 'data/gate.log');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const { boot, seq } = JSON.parse(line) as { boot: string; seq: number };
    return `${boot} ${seq}`;
  });
}

describe('the command line', () => {
  it.each([
    ['--help', 0],
    ['run --help', 0],
    ['enrol --help', 0],
    ['still --help', 0],
    ['--version', 0],
    ['', 2],
    ['grade', 2],
    ['run', 2],
    ['run --config', 2],
    ['run --config station.json --loud', 2],
    ['run --config nowhere.json', 1],
    ['enrol --config nowhere.json', 1],
    ['still --config nowhere.json', 2],
    ['still --config nowhere.json --out still.png', 1],
    ['pin --help', 0],
    ['calibrate --config nowhere.json --target-mm 0', 2],
  ])('%s ends with %i', async (args, code) => {
    const agent = start(...args.split(' ').filter((word) => word !== ''));
    expect(await agent.exit).toBe(code);
    expect(code === 0 ? agent.out : agent.err).not.toBe('');
  });

  it.each([
    ['a configuration that is wrong', { station: 'Not A Slug' }, 'station must be lower-case'],
    ['a station without a claim', {}, 'pomona station enrol'],
    [
      'a data folder that cannot be written',
      { dataDir: 'station.json/data' },
      'cannot write to the data folder',
    ],
  ])('says what to do about %s', async (_, changes, message) => {
    const agent = start('run', '--config', configure(undefined, changes));
    expect(await agent.exit).toBe(1);
    expect(agent.err).toContain(message);
    expect(agent.err).not.toContain('    at ');
  });
});

describe('an agent', () => {
  it('enrols, updates, grades and says goodbye; and no second one runs beside it', {
    timeout: 120_000,
  }, async () => {
    plane = await startTestControlPlane(join(folder, 'plane'));
    const { statuses, reported, fruits, health } = plane;
    const release = runnableReleaseFiles(1);
    await plane.publish(release);
    plane.desire(sampleDesired(1, release.ref));
    const operatorPage = { port: 0 };
    const agent = start('run', '--config', configure(plane.claim, { operatorPage }), '--json-logs');
    await until(
      () => fruits.size >= 10 && health.length >= 2 && reported.at(-1)?.update.state === 'active',
      () => agent.err,
    );
    expect(reported.map(({ update }) => update.state)).toContain('fetching');
    expect(reported.at(-1)).toMatchObject({ update: { state: 'active' }, running: { release: release.ref } });
    expect(statuses.at(-1)).toMatchObject({ state: 'online', release: release.ref });
    expect(health.at(-1)).toMatchObject({ outboxDropped: 0, rejectedMessages: 0 });
    for (const line of agent.err.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg');

    const url = /"url":"(http:\/\/127\.0\.0\.1:\d+)","msg":"the operator’s page is open"/.exec(
      agent.err,
    )?.[1];
    expect(await (await fetch(`${url}/line/view`)).json()).toMatchObject({
      ...{ station: sampleAddress.station, cloud: { isUp: true } },
      ...{ release: { version: 1 }, update: 'active', sinceStart: { fruits: expect.any(Number) } },
    });
    expect((await fetch(`${url}/line/pause`, { method: 'POST' })).status).toBe(401);

    const second = start('run', '--config', join(folder, 'station.json'));
    expect(await second.exit).toBe(1);
    expect(second.err).toContain(
      `an agent already runs on ${join(folder, 'data')}: process ${agent.child.pid}`,
    );

    // Whatever arrives, it is counted and the agent lives.
    plane.send('desired', Buffer.from('{}'));
    plane.send('ack', Buffer.alloc(40_000));
    plane.send('transfer/chunk', Buffer.from('x'));
    plane.desire({ ...sampleDesired(9, release.ref), station: 'valley-1-b' });
    await until(
      () => health.at(-1)!.rejectedMessages === 4,
      () => agent.err,
    );

    agent.child.kill('SIGTERM');
    expect(await agent.exit).toBe(0);
    // The will says offline too, also of an agent that was ended by force; but it was made before the connection.
    const birth = statuses.findLast(({ state }) => state === 'online')!;
    await until(
      () => statuses.some(({ state, seq }) => state === 'offline' && seq > birth.seq),
      () => `no goodbye, only ${JSON.stringify(statuses)}`,
    );
    expect(statuses.at(-1)).toMatchObject({ state: 'offline', boot: birth.boot });
  });

  it('loses no fruit and runs again by itself when it is killed without a network', {
    timeout: 120_000,
  }, async () => {
    plane = await startTestControlPlane(join(folder, 'plane'));
    const { fruits } = plane;
    const release = runnableReleaseFiles(1);
    await plane.publish(release);
    plane.desire(sampleDesired(1, release.ref));
    const config = configure(plane.claim);
    plane.acknowledges = false;
    let agent = start('run', '--config', config);
    for (let kill = 0; kill < 2; kill++) {
      const before = shots().length;
      await until(
        () => shots().length >= before + 5,
        () => agent.err,
      );
      agent.child.kill('SIGKILL');
      await agent.exit;
      agent = start('run', '--config', config);
    }
    plane.acknowledges = true;
    plane.dropConnections();
    const shot = shots();
    await until(
      () => shot.every((name) => fruits.has(name)),
      () => agent.err,
    );
    expect(new Set(shot).size).toBe(shot.length);
    agent.child.kill('SIGINT');
    expect(await agent.exit).toBe(0);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'starts and grades with a full disk, and goes back to it when there is room',
    {
      timeout: 120_000,
    },
    async () => {
      plane = await startTestControlPlane(join(folder, 'plane'));
      const { fruits, health } = plane;
      const release = runnableReleaseFiles(1);
      await plane.publish(release);
      plane.desire(sampleDesired(1, release.ref));
      const config = configure(plane.claim, { operatorPage: { port: 0 } }, 120);
      const data = join(folder, 'data');
      mkdirSync(data);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'pomona', data]);
      try {
        let agent = start('run', '--config', config);
        await until(
          () => shots().length >= 3 && fruits.size > 0,
          () => agent.err,
        );
        // What the disk holds then waits there.
        plane.acknowledges = false;
        const before = shots().length;
        await until(
          () => shots().length >= before + 3,
          () => agent.err,
        );
        agent.child.kill('SIGKILL');
        await agent.exit;
        const stored = shots().slice(0, -1);
        const filler = join(data, 'filler');
        expect(() => writeFileSync(filler, Buffer.alloc(64e6 + 4e6))).toThrow('ENOSPC');
        plane.acknowledges = true;
        const known = fruits.size;

        agent = start('run', '--config', config);
        await until(
          () => fruits.size >= known + 5 && health.at(-1)?.outboxInMemory === true,
          () => agent.err,
        );
        expect(agent.err).toContain('the disk is full or can only be read: fruit is graded');
        const url = /url=(http:\S+)/.exec(agent.err)![1]!;
        expect(await (await fetch(`${url}/line/view`)).json()).toMatchObject({ isDiskFull: true });
        // Killed and started again it is as it was, and has what it had.
        plane.acknowledges = false;
        plane.dropConnections();
        agent.child.kill('SIGKILL');
        await agent.exit;
        agent = start('run', '--config', config);
        await until(
          () => agent.err.includes('the agent runs'),
          () => agent.err,
        );
        rmSync(filler);
        await until(
          () => agent.err.includes('what waited in memory is stored'),
          () => agent.err,
        );
        plane.acknowledges = true;
        plane.dropConnections();
        await until(
          () => stored.every((name) => fruits.has(name)) && health.at(-1)?.outboxInMemory === undefined,
          () => agent.err,
        );
        agent.child.kill('SIGTERM');
        expect(await agent.exit).toBe(0);
      } finally {
        for (const agent of agents) agent.kill('SIGKILL');
        execFileSync('umount', ['-l', data]);
      }
    },
  );

  it.skipIf(process.getuid?.() !== 0)(
    'starts and grades on a disk that can only be read, as the only agent, and stores what waited when it is mended',
    { timeout: 120_000 },
    async () => {
      plane = await startTestControlPlane(join(folder, 'plane'));
      const { fruits, health } = plane;
      const release = runnableReleaseFiles(1);
      await plane.publish(release);
      plane.desire(sampleDesired(1, release.ref));
      const config = configure(plane.claim, {}, 120);
      const data = join(folder, 'data');
      mkdirSync(data);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'pomona', data]);
      const remount = (as: 'ro' | 'rw') => execFileSync('mount', ['-o', `remount,${as}`, data]);
      try {
        let agent = start('run', '--config', config);
        await until(
          () => fruits.size > 0,
          () => agent.err,
        );
        agent.child.kill('SIGKILL');
        await agent.exit;
        remount('ro');
        const known = fruits.size;
        agent = start('run', '--config', config);
        await until(
          () => fruits.size >= known + 5 && health.at(-1)?.outboxInMemory === true,
          () => agent.err,
        );
        const second = start('run', '--config', config);
        expect(await second.exit).toBe(1);
        expect(second.err).toContain(`an agent already runs on ${data}: process ${agent.child.pid}`);
        remount('rw');
        await until(
          () => agent.err.includes('the disk has room again') && health.at(-1)?.outboxInMemory === undefined,
          () => agent.err,
        );
        agent.child.kill('SIGTERM');
        expect(await agent.exit).toBe(0);
      } finally {
        for (const agent of agents) agent.kill('SIGKILL');
        execFileSync('umount', ['-l', data]);
      }
    },
  );

  it('keeps grading with what runs when a release is no good', { timeout: 120_000 }, async () => {
    plane = await startTestControlPlane(join(folder, 'plane'));
    const { fruits, reported } = plane;
    const good = runnableReleaseFiles(1);
    const broken = sampleReleaseFiles(2);
    await plane.publish(good);
    await plane.publish(broken);
    plane.desire(sampleDesired(1, good.ref));
    const agent = start('run', '--config', configure(plane.claim));
    await until(
      () => fruits.size > 0,
      () => agent.err,
    );
    plane.desire(sampleDesired(2, broken.ref));
    await until(
      () => reported.at(-1)!.update.state === 'failed',
      () => agent.err,
    );
    expect(reported.at(-1)).toMatchObject({
      desiredCounter: 2,
      update: { release: broken.ref, reason: expect.stringContaining('no variant passed its self-test') },
      running: { release: good.ref },
    });
    const before = fruits.size;
    await until(
      () => fruits.size > before + 3,
      () => agent.err,
    );
  });

  it('takes a release back by itself when the line is blind with it', { timeout: 120_000 }, async () => {
    plane = await startTestControlPlane(join(folder, 'plane'));
    const { fruits, reported } = plane;
    const [good, blind] = [runnableReleaseFiles(1), runnableReleaseFiles(2)];
    await plane.publish(good);
    await plane.publish(blind);
    plane.desire(sampleDesired(1, good.ref));
    const probation = { soakS: 15, fruits: 5, missedShareMax: 0.9, unseenShareMax: 0.5 };
    const agent = start('run', '--config', configure(plane.claim, { probation }));
    const arrives = (state: string) =>
      until(
        () => reported.at(-1)?.update.state === state,
        () => agent.err,
      );
    await arrives('active');
    // No fruit is ever seen so often: all of them get the default grade.
    plane.desire(sampleDesired(2, blind.ref, { ...sampleRecipe(2), viewsMin: 64 }));
    await arrives('rolled-back');
    const onProbation = reported.find(
      ({ probation, running }) => probation && running?.release.version === 2,
    );
    expect(onProbation).toMatchObject({
      update: { state: 'probation', release: blind.ref },
      slots: [
        { name: 'a', release: good.ref, state: 'previous' },
        { name: 'b', release: blind.ref, state: 'running' },
      ],
    });
    expect(reported.at(-1)).toMatchObject({
      update: { release: blind.ref, reason: expect.stringContaining('were not seen well') },
      running: { release: good.ref },
      recipeVersion: 1,
      refused: [blind.ref.digest],
      probation: null,
    });
    const before = fruits.size;
    await until(
      () => fruits.size > before + 3,
      () => agent.err,
    );
  });

  it('takes a still of its camera, without a control plane', async () => {
    const agent = start('still', '--config', configure(undefined), '--out', 'still.png');
    expect(await agent.exit, agent.err).toBe(0);
    const png = readFileSync(join(folder, 'still.png'));
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([640, 320]);
  });

  it('ends with 1 by itself when its grading worker does not come up', async () => {
    plane = await startTestControlPlane(join(folder, 'plane'));
    const gate = { kind: 'log', file: 'no/such/folder/gate.log' };
    const agent = start('run', '--config', configure(plane.claim, { gate }));
    expect(await agent.exit).toBe(1);
    expect(agent.err).toMatch(/^error: the grading worker does not start: ENOENT/m);
  });

  it('enrols and ends when it is only asked to', async () => {
    plane = await startTestControlPlane(join(folder, 'plane'));
    const config = configure(plane.claim);
    for (const text of ['enrolled', 'enrolled already']) {
      const agent = start('enrol', '--config', config);
      expect(await agent.exit).toBe(0);
      expect(agent.err).toContain(text);
    }
    rmSync(join(folder, 'data/identity/identity.json'));
    const again = start('run', '--config', config);
    expect(await again.exit).toBe(1);
    expect(again.err).toContain('make a new claim with `pomona station enrol`');
  });

  it('can be stopped while it waits for a control plane that is not there', async () => {
    plane = await startTestControlPlane(join(folder, 'plane'));
    const agent = start('run', '--config', configure({ ...plane.claim, url: 'https://127.0.0.1:1' }));
    await until(
      () => agent.err.includes('cannot be reached'),
      () => agent.err,
    );
    agent.child.kill('SIGTERM');
    expect(await agent.exit).toBe(0);
  });
});
