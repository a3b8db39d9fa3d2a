import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchRow } from '@pomona/training';
import { AppError, type ReleaseRef, systemClock, type UpdateStateName } from '@pomona/wire';
import { openPki } from '../adapters/pki/open-pki.ts';
import { pause } from '../use-cases/pause.ts';
import {
  type BenchPlane,
  benchRow,
  claimStations,
  listening,
  publishBenchRelease,
  withBenchPlane,
} from './bench-plane.ts';
import { startSim } from './sim-process.ts';

const program = fileURLToPath(new URL('../../../edge-agent/dist/bench-update-main.js', import.meta.url));
const agents = 200;
const modelBytes = 1_000_000;
const pollMs = 20;
const patienceMs = 90_000;
const updateRounds = 3;
/** Whoever is so far has every byte, and has checked it. */
const whole: readonly UpdateStateName[] = ['staged', 'self-test', 'probation', 'active'];
const proving: readonly UpdateStateName[] = ['probation', 'active'];

/**
 * A release of 1 MB to many agents at once, in one process beside this one: their transfer, trust and checks, and no disk. Held against one
 * agent alone, and against HTTPS of as many bytes to as many connections.
 */
export function pushToMany(signal: AbortSignal, say: (line: string) => void): Promise<BenchRow[]> {
  return withBenchPlane(async (bench) => {
    const { plane, dataFolder } = bench;
    const release = await publishBenchRelease(bench, modelBytes);
    const bytes = (await plane.stores.models.find(release.name))!.releaseBytes;
    const pki = await openPki(join(dataFolder, 'pki'), systemClock, []);
    const tls = { key: pki.server.keyPem, cert: pki.server.chainPem };
    const body = Buffer.alloc(bytes, 1);
    const https = createHttpsServer(tls, (_, response) => response.end(body));
    const url = `https://127.0.0.1:${await listening(https)}/`;
    const sim = startSim((code, message) => say(`${code}: ${message}`), signal);
    try {
      say(`enrolling ${agents + 1} agents`);
      const claims = await claimStations(plane, agents + 1);
      await sim.order({ kind: 'enrol', claims });
      const httpsMs = await sim.order({ kind: 'fetch', url, bytes });
      await sim.order({ kind: 'connect' });
      const [first = '', ...rest] = claims.map(({ station }) => station);
      const oneMs = await pushed(bench, release, [first], whole, signal);
      say(`sending ${agents} agents a release`);
      const allMs = await pushed(bench, release, rest, whole, signal);
      const rate = (count: number, ms: number) => (count * bytes) / 1_000 / ms;
      return [
        benchRow(`a release of 1 MB to ${agents} agents at once, all together`, rate(agents, allMs), 'MB/s', [
          'HTTPS of node, as many connections',
          rate(agents + 1, httpsMs),
        ]),
        benchRow(`until all ${agents} have it`, allMs / 1_000, 's', ['one agent alone', oneMs / 1_000]),
      ];
    } finally {
      await sim.stop();
      https.closeAllConnections();
      https.close();
    }
  });
}

/** From the order to the report that it is on probation: the agent's update as on a board, its disk and self-test too. The best of three. */
export async function timeToProbation(signal: AbortSignal): Promise<BenchRow[]> {
  const took: number[] = [];
  for (let round = 0; round < updateRounds; round++)
    took.push(await withBenchPlane((bench) => update(bench, signal)));
  const name = 'from the desired state to probation, 1 MB (limit 2), best of three';
  return [benchRow(name, Math.min(...took) / 1_000, 's')];
}

async function update(bench: BenchPlane, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  const release = await publishBenchRelease(bench, modelBytes);
  const [claim] = await claimStations(bench.plane, 1);
  // Detached: a Ctrl-C in the terminal is ours to pass on.
  const child = fork(program, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], detached: true });
  const kill = () => child.kill();
  signal.addEventListener('abort', kill, { once: true });
  const exited = once(child, 'exit');
  try {
    const ended = exited.then(([code]) => {
      signal.throwIfAborted();
      throw new Error(`the updating agent ended with code ${code}`);
    });
    ended.catch(() => undefined);
    child.send(claim!);
    await Promise.race([once(child, 'message'), ended]);
    return await Promise.race([pushed(bench, release, [claim!.station], proving, signal), ended]);
  } finally {
    signal.removeEventListener('abort', kill);
    if (child.connected) child.disconnect();
    await exited;
  }
}

/** Milliseconds until the control plane has heard of all of them that they are so far with it. */
async function pushed(
  { plane }: BenchPlane,
  release: ReleaseRef,
  stations: readonly string[],
  states: readonly UpdateStateName[],
  signal: AbortSignal,
): Promise<number> {
  const fromMs = systemClock.monotonicMs();
  await Promise.all(stations.map((station) => plane.setDesired(station, { release })));
  const left = new Set(stations);
  for (;;) {
    signal.throwIfAborted();
    for (const { station, reported } of await plane.stores.stations.findMany([...left])) {
      const { update } = reported ?? {};
      if (update?.release?.digest === release.digest && states.includes(update.state)) left.delete(station);
    }
    const tookMs = systemClock.monotonicMs() - fromMs;
    if (left.size === 0) return tookMs;
    if (tookMs > patienceMs)
      throw new AppError(
        'sim-too-slow',
        `only ${stations.length - left.size} of ${stations.length} agents have the release`,
        {
          hint: 'Try again when the machine is not busy.',
        },
      );
    await pause(pollMs, signal);
  }
}
