import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { Kysely } from '@pomona/kysely';
import { makeFolderSync } from '@pomona/release';
import { AppError, systemErrorCode } from '@pomona/wire';
import DatabaseConstructor from 'better-sqlite3';
import { asDatabaseError } from './database-errors.ts';
import { checkedUrl, rememberedDatabaseUrl } from './database-url.ts';
import { migrations } from './migrations.ts';
import { PreparedSqliteDialect } from './sqlite-dialect.ts';
import type { Tables } from './tables.ts';

export type PomonaDatabase = Kysely<Tables>;

export const databaseFile = 'pomona.sqlite';

export interface OpenDatabaseOptions {
  /** How long a statement waits for another process that writes; the calling thread stands still meanwhile. */
  readonly busyTimeoutMs?: number;
  /** `postgres://…`; without it, what the data folder remembers, else its own `pomona.sqlite`. */
  readonly url?: string;
}

/**
 * Opens the database of a data folder (`pomona.sqlite` in it, or PostgreSQL), makes it if it is missing, and brings the
 * schema up to date. Several processes may have it open. Close it with `destroy()`.
 *
 * Errors: `data-folder-not-writable`, `data-folder-newer`, `database-busy`, `database-full`, `database-unreachable`,
 * `database-url-invalid`.
 */
export async function openDatabase(
  folder: string,
  { busyTimeoutMs = 5_000, url = rememberedDatabaseUrl(folder) }: OpenDatabaseOptions = {},
): Promise<PomonaDatabase> {
  return url === undefined ? openSqlite(folder, busyTimeoutMs) : openPostgres(checkedUrl(url), busyTimeoutMs);
}

async function openSqlite(folder: string, busyTimeoutMs: number): Promise<PomonaDatabase> {
  const sqlite = openFile(folder, busyTimeoutMs);
  const db = new Kysely<Tables>({ dialect: new PreparedSqliteDialect(sqlite) });
  try {
    sqlite.pragma('journal_mode = WAL');
    // A device deletes what we acknowledged, so a commit has to survive a power cut, not only a killed process.
    sqlite.pragma('synchronous = FULL');
    sqlite.pragma('foreign_keys = ON');
    await migrate(db, folder);
    return db;
  } catch (error) {
    sqlite.close();
    const readOnly = /^SQLITE_(READONLY|CANTOPEN)/.test(systemErrorCode(error) ?? '');
    throw readOnly ? notWritable(folder, error) : asDatabaseError(error);
  }
}

async function openPostgres(url: string, busyTimeoutMs: number): Promise<PomonaDatabase> {
  // A control plane on SQLite does not wait for it.
  const { PortablePostgresDialect } = await import('./postgres-dialect.ts');
  // The statement that needs the connection next says what is wrong, if it still is.
  const dialect = new PortablePostgresDialect({ url, busyTimeoutMs, onIdleError: () => undefined });
  const db = new Kysely<Tables>({ dialect });
  try {
    const { host, pathname } = new URL(url);
    await migrate(db, `the database ${host}${pathname}`);
    return db;
  } catch (error) {
    await db.destroy();
    throw asDatabaseError(error);
  }
}

function openFile(folder: string, busyTimeoutMs: number): DatabaseConstructor.Database {
  try {
    makeFolderSync(folder);
    accessSync(folder, constants.W_OK);
    return new DatabaseConstructor(join(folder, databaseFile), { timeout: busyTimeoutMs });
  } catch (error) {
    throw systemErrorCode(error) === undefined ? error : notWritable(folder, error);
  }
}

function notWritable(folder: string, cause: unknown): AppError {
  return new AppError('data-folder-not-writable', `cannot write to the data folder ${folder}`, {
    hint: 'Give this user write permission there, or name another folder with --data.',
    cause,
  });
}

async function migrate(db: PomonaDatabase, place: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.schema
      .createTable('pomona_schema')
      .ifNotExists()
      .addColumn('version', 'integer', (c) => c.notNull())
      .execute();
    const row = await trx.selectFrom('pomona_schema').select('version').executeTakeFirst();
    const version = row?.version ?? 0;
    if (version > migrations.length) {
      throw new AppError(
        'data-folder-newer',
        `${place} was written by a newer Pomona (its schema is ${version}, this program knows ${migrations.length})`,
        { hint: 'Run the newer version of Pomona, or name another place for the data.' },
      );
    }
    for (const up of migrations.slice(version)) await up(trx);
    if (row === undefined)
      await trx.insertInto('pomona_schema').values({ version: migrations.length }).execute();
    else if (version < migrations.length)
      await trx.updateTable('pomona_schema').set({ version: migrations.length }).execute();
  });
}
