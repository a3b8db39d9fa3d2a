import { join } from 'node:path';
import type { BenchResult } from '@pomona/training';
import { AppError, systemClock } from '@pomona/wire';
import { openPki } from '../adapters/pki/open-pki.ts';
import { pause } from '../use-cases/pause.ts';
import { benchResult, benchRow, claimStations, publishBenchRelease, withBenchPlane } from './bench-plane.ts';
import { startBareBroker } from './bench-push.ts';
import { startSim } from './sim-process.ts';

export interface BenchFleet {
  readonly stations: number;
  /** How long they grade. */
  readonly seconds: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

const limits = { connectS: 10, desiredS: 45 };
/** How many times a limit is waited for before the bench gives up. */
const patience = 4;
const fruitsPerS = 2_000;
const modelBytes = 65_536;
const setAtOnce = 16;
const pollMs = 200;

/**
 * A fleet against one control plane, each station with a certificate of its own: how fast it connects, how long a desired
 * state takes until all run the release and the control plane knows it, and whether every fruit was kept.
 */
export function benchFleet({ stations, seconds, signal, say }: BenchFleet): Promise<BenchResult> {
  return withBenchPlane(async (bench) => {
    const { plane, dataFolder } = bench;
    const release = await publishBenchRelease(bench, modelBytes);
    const pki = await openPki(join(dataFolder, 'pki'), systemClock, []);
    const tls = { key: pki.server.keyPem, cert: pki.server.chainPem, ca: plane.caPem };
    const bare = await startBareBroker(tls);
    const sim = startSim((code, message) => say(`${code}: ${message}`), signal);
    try {
      say(`enrolling ${stations} stations`);
      await sim.order({ kind: 'enrol', claims: await claimStations(plane, stations) });
      const bareMs = await sim.order({ kind: 'connect-bare', url: bare.url });
      const connectMs = await sim.order({ kind: 'connect' });
      say('sending every station a release');
      const desiredMs = await desiredToAll(bench.plane, release, stations);
      await sim.until(({ active }) => active['bench@1'] === stations, 5_000, 'the stations’ update');
      await sim.order({ kind: 'grade', fruitsPerS });
      say(`grading for ${seconds} s`);
      await pause(seconds * 1_000, signal);
      const end = await sim.settle(60_000);
      const stored = (await plane.overview()).fruits;
      const perS = (ms: number) => (stations * 1_000) / ms;
      const peer = ['bare Aedes, mutual TLS', perS(bareMs)] as const;
      const { connectS, desiredS } = limits;
      return benchResult('fleet', [
        benchRow('stations connected per second', perS(connectMs), 'stations/s', peer),
        benchRow(`${stations} stations connected (limit ${connectS})`, connectMs / 1_000, 's'),
        benchRow(`desired state to ${stations} running it (limit ${desiredS})`, desiredMs / 1_000, 's'),
        benchRow(`fruits lost of ${end.made} at ${fruitsPerS}/s (limit 0)`, end.made - stored, 'fruits'),
        benchRow(`memory of the process with ${stations} stations (limit 1000)`, end.rssMb, 'MB'),
      ]);
    } finally {
      await sim.stop();
      await bare.stop();
    }
  });

  async function desiredToAll(
    plane: Parameters<typeof claimStations>[0],
    release: { readonly name: string; readonly version: number; readonly digest: string },
    count: number,
  ): Promise<number> {
    const fromMs = systemClock.monotonicMs();
    const names = (await plane.stores.stations.list()).map(({ station }) => station);
    const set = async () => {
      for (let name = names.pop(); name !== undefined; name = names.pop())
        await plane.setDesired(name, { release });
    };
    await Promise.all(Array.from({ length: setAtOnce }, set));
    for (;;) {
      signal.throwIfAborted();
      const records = await plane.stores.stations.list();
      const active = records.filter(
        ({ reported }) =>
          reported?.update.state === 'active' && reported.running?.release.digest === release.digest,
      ).length;
      const tookMs = systemClock.monotonicMs() - fromMs;
      if (active === count) return tookMs;
      if (tookMs > limits.desiredS * 1_000 * patience) throw tooSlow(active, count);
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
}

function tooSlow(active: number, count: number): AppError {
  return new AppError('sim-too-slow', `only ${active} of ${count} stations run the release`, {
    hint: 'Try fewer with --stations, or again when the machine is not busy.',
  });
}
