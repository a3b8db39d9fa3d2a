import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.ts';

export interface PostgresServer {
  /** Of an administrator, without a database. */
  readonly url: string;
  /** An empty database of a name of its own. */
  createDatabase(): Promise<string>;
  /** As a power cut of the server: every connection ends at once. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** The folder of PostgreSQL's programs, newest first, or undefined where it is not installed. */
export function findPostgres(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(root, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
}

/** A server of its own in a temporary folder, on a free port of the loopback. It would survive its own death, not a power cut. */
export async function startPostgres(bin: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'pomona-postgres-'));
  const account = unprivileged();
  if ('uid' in account) chownSync(folder, account.uid, account.gid);
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-U', 'pomona', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
  execFileSync(join(bin, 'initdb'), initdb, {
    ...account,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const port = await freePort();
  const url = `postgres://pomona@127.0.0.1:${port}`;
  const settings = ['fsync=off', 'full_page_writes=off', 'max_connections=200', 'shared_buffers=32MB'];
  const start = async () => {
    const started = spawn(
      join(bin, 'postgres'),
      [
        '-D',
        data,
        '-h',
        '127.0.0.1',
        '-p',
        String(port),
        '-k',
        folder,
        ...settings.flatMap((one) => ['-c', one]),
      ],
      { ...account, cwd: folder, stdio: 'ignore' },
    );
    await untilAnswering(url, () => started.exitCode !== null);
    return started;
  };
  const end = async (signal: NodeJS.Signals) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill(signal);
    await exited;
  };
  let server = await start();
  let created = 0;
  return {
    url,
    createDatabase: async () => {
      const name = `pomona_${process.pid}_${created++}`;
      await query(url, `create database ${name}`);
      return `${url}/${name}`;
    },
    restart: async () => {
      await end('SIGQUIT');
      server = await start();
    },
    stop: async () => {
      await end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** An empty database on a server that runs. */
export async function createPostgresDatabase(url: string, name: string): Promise<string> {
  await query(url, `create database ${name}`);
  return `${url}/${name}`;
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: `${url}/postgres` });
  await client.connect();
  await client.query(text);
  await client.end();
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): { uid: number; gid: number } | object {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  accessSync('/usr/lib/postgresql');
  return { uid: idOf('-u'), gid: idOf('-g') };
}

async function untilAnswering(url: string, hasEnded: () => boolean): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await query(url, 'select 1');
    } catch (error) {
      if (hasEnded() || attempt > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
