/** Either side may be killed at any moment: no graded fruit is lost, none is counted twice. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { randomBetween, seededRandom } from '@pomona/wire';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { agentProgram, type Running, start, startCli } from './support/cli.ts';
import { temporaryFolder } from './support/temporary-folder.ts';
import { makeTinyFarm, stationFiles } from './support/tiny-demo.ts';

const kills = 10;
/** What the gate must have been told before each kill, over all of them: a busy machine takes longer, and grades as many. */
const fruitsPerKill = 6;
const station = 'camera-1';

describe('SIGKILL', () => {
  it('loses no graded fruit and counts none twice over ten kills of agent and control plane', async () => {
    const seed = Number(process.env.POMONA_TEST_SEED ?? process.pid);
    console.log(`kill test: POMONA_TEST_SEED=${seed}`);
    const random = seededRandom(seed);
    const data = temporaryFolder();
    await makeTinyFarm(data);
    const ports = JSON.parse(readFileSync(join(data, 'ports.json'), 'utf8'));
    const files = stationFiles(data, station);

    const startServer = async () => {
      const server = startCli([
        'up',
        ...['--data', data, '--log-level', 'warn'],
        ...['--http-port', String(ports.http), '--device-port', String(ports.device)],
        ...['--mqtt-port', String(ports.mqtt)],
      ]);
      await server.until(/Ctrl-C stops it/);
      return server;
    };
    const startAgent = (): Running => start(agentProgram, ['run', '--config', files.config]);

    let server = await startServer();
    let agent = startAgent();
    try {
      const before = readGated(files.gateLog).length;
      for (let i = 1; i <= kills; i++) {
        await pause(randomBetween(random, 500, 4_000));
        await gates(files.gateLog, before + i * fruitsPerKill);
        const victim = random.next() < 0.5 ? server : agent;
        victim.kill('SIGKILL');
        await victim.finished;
        if (victim === server) server = await startServer();
        else agent = startAgent();
      }
      await gates(files.gateLog, readGated(files.gateLog).length + fruitsPerKill);
      agent.kill('SIGTERM');
      await agent.finished;
      // The last agent sends what is left in the outbox and grades on; what it has gated by now must arrive.
      const gated = readGated(files.gateLog);
      agent = startAgent();
      await waitUntil(() => missing(data, gated).length === 0, 60_000);
      agent.kill('SIGTERM');
      await agent.finished;
      server.kill('SIGTERM');
      await server.finished;
      expect(gated.length).toBeGreaterThan(50);
      expect(missing(data, gated)).toEqual([]);
      expect(countedTwice(data)).toEqual({ doubled: 0, difference: 0 });
    } finally {
      agent.kill('SIGKILL');
      server.kill('SIGKILL');
    }
  }, 300_000);
});

interface Gated {
  readonly boot: string;
  readonly seq: number;
}

/** What the gate was told. The last line may be torn by a kill. */
function readGated(file: string): Gated[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .flatMap((line) => {
      try {
        const { boot, seq } = JSON.parse(line) as Gated;
        return [{ boot, seq }];
      } catch (error) {
        if (error instanceof SyntaxError) return [];
        throw error;
      }
    });
}

/** Resolves when the gate was told of so many fruits. */
async function gates(file: string, count: number): Promise<void> {
  await waitUntil(() => readGated(file).length >= count, 20_000);
}

function withDatabase<T>(data: string, read: (db: Database.Database) => T): T {
  const db = new Database(join(data, 'pomona.sqlite'), { readonly: true });
  try {
    return read(db);
  } finally {
    db.close();
  }
}

function missing(data: string, gated: readonly Gated[]): Gated[] {
  return withDatabase(data, (db) => {
    const find = db.prepare(
      'select 1 from fruits join boots on boots.id = fruits.boot_id where boots.boot = ? and fruits.seq = ?',
    );
    return gated.filter(({ boot, seq }) => find.get(boot, seq) === undefined);
  });
}

/** Rows that share a name, and the difference between the rows and the totals that the console shows. */
function countedTwice(data: string): { doubled: number; difference: number } {
  return withDatabase(data, (db) => {
    const one = (sql: string) => Number(Object.values(db.prepare(sql).get() as object)[0] ?? 0);
    const doubled = one(
      'select count(*) from (select 1 from fruits group by station_id, boot_id, seq having count(*) > 1)',
    );
    return {
      doubled,
      difference: one('select sum(count) from fruit_totals') - one('select count(*) from fruits'),
    };
  });
}

async function waitUntil(condition: () => boolean, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!condition() && Date.now() < deadline) await pause(250);
}
