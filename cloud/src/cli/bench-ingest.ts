import { join } from 'node:path';
import type { BenchResult, BenchRow } from '@pomona/training';
import { AppError, systemClock } from '@pomona/wire';
import Database from 'better-sqlite3';
import { databaseFile } from '../adapters/sql/open-database.ts';
import { pause } from '../use-cases/pause.ts';
import { benchResult, benchRow, claimStations, publishBenchRelease, withBenchPlane } from './bench-plane.ts';
import { startSim } from './sim-process.ts';

export interface BenchIngest {
  /** How long is measured. */
  readonly seconds: number;
  readonly stations: number;
  /** An empty PostgreSQL database: gives a row of its own. */
  readonly databaseUrl?: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

const warmUpMs = 3_000;
const settleMs = 60_000;
const modelBytes = 65_536;
/** As many as an ingest commit has at most. */
const rowsPerCommit = 4_000;
const peerRowsMax = 200_000;

/**
 * Fruits per second from stations to acknowledgement: the agents' own sender in a process of its own, MQTT over TLS, the
 * embedded broker, checks, transaction, rollups, acknowledgement. The peer inserts the same rows into a table of the
 * same definition, as fast as better-sqlite3 can.
 */
export async function benchIngest(request: BenchIngest): Promise<BenchResult> {
  const { databaseUrl } = request;
  const sqlite = await measure(request);
  const peer = ['bare better-sqlite3 inserts', sqlite.peer!] as const;
  const rows: BenchRow[] = [
    benchRow('fruits stored per second, SQLite (goal 20000)', sqlite.rate, 'fruits/s', peer),
  ];
  if (databaseUrl !== undefined) {
    const postgres = await measure({ ...request, databaseUrl }, databaseUrl);
    const beside = ['the same on SQLite', sqlite.rate] as const;
    rows.push(benchRow('fruits stored per second, PostgreSQL', postgres.rate, 'fruits/s', beside));
  }
  return benchResult('ingest', rows);
}

function measure(
  { seconds, stations, signal, say }: BenchIngest,
  databaseUrl?: string,
): Promise<{ rate: number; peer?: number }> {
  return withBenchPlane(
    async (bench) => {
      const { plane, dataFolder } = bench;
      const release = await publishBenchRelease(bench, modelBytes);
      const sim = startSim((code, message) => say(`${code}: ${message}`), signal);
      try {
        await sim.order({ kind: 'enrol', claims: await claimStations(plane, stations) });
        await sim.order({ kind: 'connect' });
        for (const { station } of await plane.stores.stations.list())
          await plane.setDesired(station, { release });
        const active = (count: number | undefined) => count === stations;
        await sim.until(({ active: by }) => active(by['bench@1']), settleMs, 'the stations’ update');
        await sim.order({ kind: 'grade', fruitsPerS: 'flat-out' });
        await pause(warmUpMs, signal);
        const from = sim.figures;
        await pause(seconds * 1_000, signal);
        signal.throwIfAborted();
        const to = sim.figures;
        const end = await sim.settle(settleMs);
        const stored = (await plane.overview()).fruits;
        if (stored !== end.made || end.dropped > 0) throw lost(end.made, stored);
        return {
          rate: ((to.acknowledged - from.acknowledged) * 1_000) / (to.atMs - from.atMs),
          ...(databaseUrl === undefined ? { peer: bareInsertRate(dataFolder) } : {}),
        };
      } finally {
        await sim.stop();
      }
    },
    databaseUrl === undefined ? {} : { databaseUrl },
  );
}

/** Rows per second: of the fruits that were just stored, into a new file with the same settings, table and indexes. */
function bareInsertRate(dataFolder: string): number {
  const source = new Database(join(dataFolder, databaseFile), { readonly: true });
  const target = new Database(join(dataFolder, 'peer.sqlite'));
  try {
    const rows = source.prepare('select * from fruits limit ?').raw().all(peerRowsMax) as unknown[][];
    const definitions = source
      .prepare(
        "select sql from sqlite_master where tbl_name = 'fruits' and sql is not null order by type desc",
      )
      .pluck()
      .all() as string[];
    target.pragma('journal_mode = WAL');
    target.pragma('synchronous = FULL');
    target.pragma('foreign_keys = OFF');
    for (const definition of definitions) target.exec(definition);
    const insert = target.prepare(`insert into fruits values (${rows[0]!.map(() => '?').join(', ')})`);
    const commit = target.transaction((some: readonly unknown[][]) => {
      for (const row of some) insert.run(row);
    });
    const fromMs = systemClock.monotonicMs();
    for (let at = 0; at < rows.length; at += rowsPerCommit) commit(rows.slice(at, at + rowsPerCommit));
    return (rows.length * 1_000) / (systemClock.monotonicMs() - fromMs);
  } finally {
    source.close();
    target.close();
  }
}

function lost(made: number, stored: number): AppError {
  return new AppError('bench-lost-fruit', `${made} fruits were acknowledged, ${stored} are in the store`, {
    hint: 'A figure of such a run means nothing: look for the fault first.',
  });
}
