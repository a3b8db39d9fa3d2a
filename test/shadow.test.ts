/** A rollout that begins in shadow: a control plane, its broker, and an agent that films a line. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MadeRelease, publishRelease, startTestControlPlane } from '@pomona/cloud/testing';
import { defaultLineGeometry } from '@pomona/grading';
import {
  type RolloutDetail,
  type SampleList,
  type StationView,
  type StoredFruit,
  systemErrorCode,
} from '@pomona/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentProgram, type Running, start } from './support/cli.ts';
import { until } from './support/farm.ts';

const agentTesting = new URL('../edge-agent/dist/testing/', import.meta.url);
const { runnableReleaseFiles } = (await import(new URL('sample-release.js', agentTesting).href)) as {
  runnableReleaseFiles(version: number, inputSize?: number, bias?: readonly number[]): MadeRelease;
};
const { standInFruits } = (await import(new URL('stand-in-line.js', agentTesting).href)) as {
  standInFruits(lanes: number, count: number, pitchMm: number, leadMm: number): object[];
};

const champion = runnableReleaseFiles(1);
/** Calls everything bad. */
const bad = runnableReleaseFiles(2, 16, [0, 0, 12]);
const good = runnableReleaseFiles(3);

let running: Awaited<ReturnType<typeof startTestControlPlane>>;
let agent: Running;

beforeAll(async () => {
  running = await startTestControlPlane();
  for (const release of [champion, bad, good]) await publishRelease(running, release);
  const place = { site: 'test', line: 'one', station: 'left' };
  const claim = await rest('POST', '/v1/stations/claims', place);
  const folder = join(running.folder, 'agent');
  mkdirSync(folder);
  const film = {
    ...{ geometry: defaultLineGeometry, framesPerSecond: 12, stepMm: 27 },
    fruits: standInFruits(2, 2_000, 132, 50),
  };
  const camera = join(folder, 'camera.mjs');
  writeFileSync(
    camera,
    `process.argv[2] = ${JSON.stringify(JSON.stringify(film))};
     await import(${JSON.stringify(new URL('stand-in-camera.js', agentTesting).href)});`,
  );
  const config = {
    ...{ v: 1, ...place, claim, dataDir: join(folder, 'data'), healthIntervalS: 2 },
    camera: { kind: 'command', command: [process.execPath, camera] },
    // Far away: a machine with other work must not be late.
    geometry: { gateDistanceMm: 3_000 },
    probation: { soakS: 1, missedShareMax: 0.9, unseenShareMax: 0.9 },
  };
  writeFileSync(join(folder, 'station.json'), JSON.stringify(config), { mode: 0o600 });
  startAgent();
  await until('the station is there', 30, async () => (await station()).status?.state === 'online');
  await rest('PUT', '/v1/stations/left/desired', { release: { name: 'apples', version: 1 } });
  await until('it grades', 30, async () => (await station()).reported?.update.state === 'active');
}, 120_000);
/** As its service manager does. */
function startAgent(): void {
  agent = start(agentProgram, ['run', '--config', join(running.folder, 'agent', 'station.json')]);
}

afterAll(async () => {
  agent?.kill('SIGTERM');
  await agent?.finished;
  await running?.remove();
});

async function rest<T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<T> {
  const { plane } = running;
  const response = await fetch(new URL(path, plane.urls.console), {
    method,
    headers: {
      authorization: `Bearer ${plane.localToken}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Processes of the agent in which a candidate runs silently. */
function shadowsOf(agentPid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && parentOf(pid) === agentPid && commandOf(pid).includes('shadow-main'));
}

function isThere(pid: number): boolean {
  return parentOf(pid) !== undefined;
}

/** Undefined of one that has ended, proc(5). */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : Number(parent);
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return undefined;
  }
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
}

const station = () => rest<StationView>('GET', '/v1/stations/left');
const rollout = (id: number) => rest<RolloutDetail>('GET', `/v1/rollouts/${id}`);
const begin = (version: number) =>
  rest<RolloutDetail>('POST', '/v1/rollouts', {
    release: { name: 'apples', version },
    query: {},
    // How fast either is on a machine with other work is no matter here.
    plan: { shadow: { fruitsMin: 40, forS: 1, slowerMax: 100 }, health: null },
    reason: 'in shadow first',
  });
const metrics = async () => {
  const { plane } = running;
  const headers = { authorization: `Bearer ${plane.localToken}` };
  return (await fetch(new URL('/metrics', plane.urls.console), { headers })).text();
};
const gradedBy = async () => {
  const fruits = await rest<StoredFruit[]>('GET', '/v1/fruits?station=left&limit=500');
  return new Set(fruits.map(({ releaseDigest }) => releaseDigest));
};

describe('a rollout that begins in shadow', () => {
  it('pauses with a candidate that grades otherwise, which has graded no fruit, and sends some of it for labelling', async () => {
    const { id } = await begin(2);
    const paused = await until('it is paused', 90, async () => {
      const now = await rollout(id);
      return now.status === 'paused' && now;
    });
    expect(paused.why).toMatch(/^shadow: at left it gave \d+\.\d % of \d+ fruits the grade that they got/);
    expect(paused.members[0]).toMatchObject({
      outcome: 'waiting',
      sentAt: null,
      shadow: { state: 'running' },
    });
    expect(paused.members[0]?.shadow?.figures?.pairs.every(({ candidate }) => candidate === 'bad')).toBe(
      true,
    );
    expect(await metrics()).toMatch(/^pomona_shadow_agreement_ratio\{rollout="1",station="left"\} 0/m);
    await until('it runs no shadow any more', 20, async () => (await station()).reported?.shadow === null);
    expect((await station()).reported?.running?.release).toEqual(champion.ref);
    expect(await gradedBy()).toEqual(new Set([champion.ref.digest]));
    const samples = await until('fruit comes for labelling', 20, async () => {
      const { samples: all } = await rest<SampleList>('GET', '/v1/samples?reason=disagreeing');
      return all.length > 0 && all;
    });
    expect(samples[0]).toMatchObject({ candidate: { name: 'apples', version: 2, grade: 'bad' } });
    expect(samples[0]?.fruit?.grade).not.toBe('bad');
    await rest('POST', `/v1/rollouts/${id}/cancel`, { reason: 'it calls everything bad' });
    await until('it is cancelled', 20, async () => (await rollout(id)).status === 'cancelled');
  }, 200_000);

  it('goes on over a crash of the agent, and to its canary with one that grades alike', async () => {
    const { id } = await begin(3);
    await until('the shadow runs', 60, async () => (await station()).reported?.shadow?.state === 'running');
    // Native code of the candidate crashes: its process is gone, the agent and its line are not.
    const [candidate] = shadowsOf(agent.child.pid!);
    process.kill(candidate!, 'SIGSEGV');
    const again = await until('another one runs', 60, async () =>
      shadowsOf(agent.child.pid!).find((pid) => pid !== candidate),
    );
    expect(agent.child.exitCode).toBeNull();
    expect(agent.stderr()).toContain('SIGSEGV');
    agent.kill('SIGKILL');
    await agent.finished;
    await until('the candidate is gone with the agent', 10, async () => !isThere(again));
    startAgent();
    const done = await until('it is done', 90, async () => {
      const now = await rollout(id);
      return now.status === 'done' && now;
    });
    expect(done.events.map(({ kind }) => kind)).toEqual(['create', 'shadow', 'done']);
    expect(done.shadow).toMatchObject({ stations: 1, ready: 1, agreement: 1 });
    expect((await station()).reported).toMatchObject({
      running: { release: good.ref },
      shadow: null,
    });
    expect([...(await gradedBy())]).not.toContain(bad.ref.digest);
  }, 200_000);
});
