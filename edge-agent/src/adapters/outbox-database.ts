/**
 * The outbox's file. SQLite in WAL mode: a commit is one write to the log without a sync, so it survives a killed process
 * and takes microseconds; only the main thread moves the log into the file (`checkpoint`), because that syncs.
 */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AppError, isAppError, systemErrorCode } from '@pomona/wire';
import Database from 'better-sqlite3';

const schemaVersion = 2;

// AUTOINCREMENT: a reader that has seen row n asks for rows above n, so a number must never come again.
const schema = `
  CREATE TABLE IF NOT EXISTS record (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    boot TEXT NOT NULL,
    seq INTEGER NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL
  );
  CREATE UNIQUE INDEX IF NOT EXISTS record_name ON record (boot, seq);
  CREATE INDEX IF NOT EXISTS record_health ON record (row) WHERE kind = 'health';
  CREATE INDEX IF NOT EXISTS record_sample ON record (row) WHERE kind = 'sample';
  PRAGMA user_version = ${schemaVersion};
`;

/** Approximate cost of a record beside its value: row, index entry, share of the page. */
export const recordOverheadBytes = 96;

export function openOutboxDatabase(file: string): Database.Database {
  const database = new Database(file);
  try {
    database.pragma('busy_timeout = 1000');
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma('wal_autocheckpoint = 0');
    database.pragma('cache_size = -1024');
    const version = database.pragma('user_version', { simple: true }) as number;
    if (version > schemaVersion) throw newer(file, version);
    if (version < schemaVersion) database.transaction(() => database.exec(schema)).immediate();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens and checks the file; what cannot be read is moved aside, because a new outbox is worth more than none. */
export function openCheckedOutboxDatabase(
  file: string,
  suffix: string,
  onMovedAside: (to: string, reason: string) => void,
): Database.Database {
  try {
    const database = openOutboxDatabase(file);
    const verdict = quickCheck(database);
    if (verdict === undefined) return database;
    database.close();
    moveAside(file, suffix);
    onMovedAside(`${file}.${suffix}`, verdict);
  } catch (error) {
    if (isAppError(error) || !isDamage(error)) throw error;
    moveAside(file, suffix);
    onMovedAside(`${file}.${suffix}`, (error as Error).message);
  }
  return openOutboxDatabase(file);
}

function quickCheck(database: Database.Database): string | undefined {
  try {
    const verdict = database.pragma('quick_check(1)', { simple: true });
    return verdict === 'ok' ? undefined : String(verdict);
  } catch (error) {
    if (isDamage(error)) return (error as Error).message;
    throw error;
  }
}

/** One damaged copy is kept to be looked at: a card that dies must not fill itself with them. */
function moveAside(file: string, suffix: string): void {
  for (const name of readdirSync(dirname(file)))
    if (name.startsWith(`${basename(file)}.damaged-`)) rmSync(join(dirname(file), name), { force: true });
  for (const part of ['', '-wal', '-shm']) {
    if (existsSync(file + part)) renameSync(file + part, `${file}.${suffix}${part}`);
  }
}

/** The content is damaged, as opposed to a full disk or a missing folder. */
function isDamage(error: unknown): boolean {
  const code = systemErrorCode(error) ?? '';
  return code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB';
}

function newer(file: string, version: number): AppError {
  return new AppError('outbox-newer', `${file} was written by a newer agent (schema ${version})`, {
    hint: 'Install the agent that wrote it, or move the file away; what is not sent yet is in it.',
  });
}
