/**
 * One agent per data folder. The lock is SQLite's own lock of a file, which the kernel drops when its process ends in
 * whatever way, so that none is ever left over. Who holds it stands beside it, for people.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, systemErrorCode } from '@pomona/wire';
import Database from 'better-sqlite3';
import { isReadOnly, memoryFolderOf, takeMemoryFolder } from './memory-folder.ts';

export interface DataFolder {
  release(): void;
}

/** Makes the folder where it is missing. On a full disk, or one that can only be read, it is taken as well: a line must not stand for that. Throws `data-folder-not-writable` or `data-folder-in-use`. */
export function takeDataFolder(dataDir: string): DataFolder {
  let holderFile: string;
  let lock: Database.Database;
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o750 });
    const folder = lockFolderOf(dataDir);
    holderFile = join(folder, 'agent.pid');
    lock = new Database(join(folder, 'agent.lock'), { timeout: 0 });
  } catch (error) {
    throw notWritable(dataDir, error);
  }
  try {
    // Nothing is ever written to it: by this not even a journal.
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN IMMEDIATE');
    sayHolder(holderFile);
  } catch (error) {
    lock.close();
    if (systemErrorCode(error)?.startsWith('SQLITE_BUSY')) throw inUse(dataDir, holderOf(holderFile), error);
    throw notWritable(dataDir, error);
  }
  return { release: () => lock.close() };
}

/** A file that can only be read cannot be locked: whoever comes meanwhile finds the one in memory. */
function lockFolderOf(dataDir: string): string {
  if (!isReadOnly(dataDir)) return dataDir;
  const folder = memoryFolderOf(dataDir);
  takeMemoryFolder(folder);
  return folder;
}

function sayHolder(file: string): void {
  try {
    writeFileSync(file, `${process.pid}\n`);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOSPC') throw error;
  }
}

function holderOf(file: string): string {
  try {
    const pid = readFileSync(file, 'utf8').trim();
    return pid === '' ? 'another process' : `process ${pid}`;
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error;
    return 'another process';
  }
}

function inUse(dataDir: string, holder: string, cause: unknown): AppError {
  return new AppError('data-folder-in-use', `an agent already runs on ${dataDir}: ${holder}`, {
    hint: 'Stop it first, or give this station a data folder of its own (field dataDir).',
    cause,
  });
}

function notWritable(dataDir: string, cause: unknown): AppError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AppError('data-folder-not-writable', `cannot write to the data folder ${dataDir}: ${why}`, {
    hint: 'Give this user write permission there, free some space, or name another folder (field dataDir).',
    cause,
  });
}
