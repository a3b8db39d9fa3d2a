import { AppError, systemErrorCode } from '@pomona/wire';
import type { Client } from 'pg';
import { asDatabaseError } from './database-errors.ts';

/** "pomona" and a number of our own. */
const leaderLock = 0x706f6d01;
const retryMs = 1_000;

export interface DatabaseLock {
  release(): Promise<void>;
}

/**
 * One control plane per database: a session's advisory lock, which PostgreSQL drops when the connection ends. When it ends
 * under us the lock is taken again as soon as the server answers; when another control plane has it by then, `onLost` is
 * called and this one must stop. Errors: `database-in-use`, `database-unreachable`.
 */
export async function lockDatabase(url: string, onLost: (error: AppError) => void): Promise<DatabaseLock> {
  // A control plane on SQLite does not wait for it.
  const { default: pg } = await import('pg');
  let client: Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isReleased = false;

  const take = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: url, application_name: 'pomona leader', keepAlive: true });
    let isLeading = false;
    // The loss itself is told by `end`, which follows; an `error` without a listener would end the process.
    next.on('error', () => undefined);
    next.on('end', () => {
      if (isLeading && !isReleased) takeAgain();
    });
    try {
      await next.connect();
      const answer = await next.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [
        leaderLock,
      ]);
      if (answer.rows[0]?.taken !== true) throw inUse(url);
      isLeading = true;
      client = next;
    } catch (error) {
      await next.end().catch((ended: unknown) => {
        if (systemErrorCode(ended) === undefined && !(ended instanceof Error)) throw ended;
      });
      throw asDatabaseError(error);
    }
  };

  const takeAgain = (): void => {
    timer = setTimeout(() => {
      take().catch((error: unknown) => {
        if (isReleased) return;
        if (error instanceof AppError && error.code === 'database-in-use') onLost(error);
        else takeAgain();
      });
    }, retryMs);
  };

  await take();
  return {
    async release() {
      isReleased = true;
      clearTimeout(timer);
      await client?.end();
      client = undefined;
    },
  };
}

function inUse(url: string): AppError {
  const { host, pathname } = new URL(url);
  return new AppError('database-in-use', `another control plane runs on the database ${host}${pathname}`, {
    hint: 'One acts at a time: stop the other first, or name another database with --database-url.',
  });
}
