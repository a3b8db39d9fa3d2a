import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo, Server } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTrustRepository } from '@pomona/release';
import { type BenchResult, type BenchRow, evenModel } from '@pomona/training';
import {
  AppError,
  type Claim,
  type Evaluation,
  type ReleaseRef,
  seededRandom,
  systemClock,
} from '@pomona/wire';
import { pino } from 'pino';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { buildRelease } from '../use-cases/build-release.ts';

export interface BenchPlane {
  readonly plane: ControlPlane;
  readonly dataFolder: string;
}

/** A whole control plane on free ports of the loopback and a folder of its own, which is deleted afterwards. */
export async function withBenchPlane<T>(
  use: (bench: BenchPlane) => Promise<T>,
  { databaseUrl }: { readonly databaseUrl?: string } = {},
): Promise<T> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'pomona-bench-'));
  const logger = pino({ level: 'warn' }, pino.destination({ dest: 2, sync: true }));
  try {
    const plane = await startControlPlane({
      ...{ dataFolder, httpPort: 0, devicePort: 0, mqttPort: 0, clock: systemClock, logger },
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    });
    try {
      if ((await plane.stores.stations.list()).length > 0) throw notEmpty();
      return await use({ plane, dataFolder });
    } finally {
      await plane.stop();
    }
  } finally {
    await rm(dataFolder, { recursive: true, force: true });
  }
}

export function claimStations(plane: ControlPlane, count: number): Promise<Claim[]> {
  const place = (i: number) => ({ site: 'bench', line: `line-${Math.floor(i / 10)}`, station: `bench-${i}` });
  return Promise.all(Array.from({ length: count }, (_, i) => plane.claim(place(i))));
}

/** Signed, stored and registered like any other, of random weights that say nothing. */
export async function publishBenchRelease(
  { plane, dataFolder }: BenchPlane,
  modelBytes: number,
): Promise<ReleaseRef> {
  const labels = ['good', 'ok', 'bad'];
  const random = seededRandom(modelBytes, 'bench');
  const weights = Float32Array.from({ length: modelBytes / 4 }, () => random.next());
  const dataset = { name: 'bench', digest: 'd'.repeat(64) };
  const even = labels.map(() => 1 / labels.length);
  const file = 'model-fp32.onnx';
  const figures = { bytes: modelBytes, accuracy: 0, agreement: 1, ece: 0, msPerView: 1 };
  const trust = await openTrustRepository({
    ...{ folder: join(dataFolder, 'trust'), keysFolder: join(dataFolder, 'keys'), clock: systemClock },
  });
  const { release, model } = await buildRelease(
    { trust, blobs: new BlobFolder(dataFolder), clock: systemClock },
    {
      ...{ name: 'bench', version: 1, codeRevision: 'bench' },
      artifacts: {
        summary: {
          ...{ network: 'none', labels, inputSize: 8, viewsPerFruit: 1, seed: 1, temperature: 1, dataset },
          ...{
            evaluation: noEvaluation,
            validation: noEvaluation,
            imagesPerSecond: 0,
            parameters: {},
            exportDifference: 0,
          },
          ...{ epochs: 1, bestEpoch: 1, durationMs: 1, variants: [{ name: 'fp32', file, ...figures }] },
        },
        golden: {
          ...{ inputSize: 8, labels },
          views: [{ digest: 'e'.repeat(64), grade: 'good', probabilities: even, quantized: even }],
        },
        goldenPixels: new Uint8Array(8 * 8 * 3),
        models: new Map([[file, evenModel(8, labels.length, weights)]]),
      },
    },
  );
  await plane.stores.models.save(model);
  return release;
}

export function benchResult(bench: string, rows: readonly BenchRow[]): BenchResult {
  const all = cpus();
  const machine = `${all[0]?.model.trim() ?? 'unknown'}, ${all.length} cores, node ${process.version}`;
  return { bench, machine, rows };
}

/** `peer`: what it is held against, and its figure in the same unit. */
export function benchRow(
  name: string,
  value: number,
  unit: string,
  peer?: readonly [string, number],
): BenchRow {
  if (peer === undefined) return { name, value, unit, peer: null, peerValue: null, ratio: null };
  return { name, value, unit, peer: peer[0], peerValue: peer[1], ratio: value / peer[1] };
}

export function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
}

/** On a free port of the loopback, which it resolves with. */
export async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const noEvaluation: Evaluation = {
  ...{ unit: 'fruit', images: 0, groups: 0, accuracy: 0, balancedAccuracy: 0, macroF1: 0, ece: 0 },
  ...{ confusion: [], perClass: [], byGroup: [] },
};

function notEmpty(): AppError {
  return new AppError('bench-database-used', 'the database has stations in it', {
    hint: 'A bench fills the database with made-up fruit: name an empty one with --database-url.',
  });
}
