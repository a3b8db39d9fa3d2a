/**
 * One agent per data folder. The lock is SQLite's own lock of a file, which the kernel drops when its process ends in
 * whatever way, so that none is ever left over. Who holds it stands beside it, for people.
 *
 * There are two, in memory and on the disk. A file that can only be read cannot be locked, and a disk may become such, or be mended, while an
 * agent runs: the one in memory is held whatever the disk is. The one on the disk is for agents that do not share that memory.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolderSync } from '@pomona/release';
import { AppError, isAppError, systemErrorCode } from '@pomona/wire';
import Database from 'better-sqlite3';
import { isReadOnly, memoryFolderOf, takeMemoryFolder } from './memory-folder.ts';

export interface DataFolder {
  release(): void;
}

/**
 * Makes the folder where it is missing. On a full disk, or one that can only be read, it is taken as well: a line must not stand for that.
 * Throws `data-folder-not-writable`, `data-folder-in-use`, or `outbox-folder`.
 */
export function takeDataFolder(dataDir: string, memoryDir = '/dev/shm'): DataFolder {
  const locks: Database.Database[] = [];
  const release = (): void => {
    for (const lock of locks.splice(0)) lock.close();
  };
  try {
    makeFolderSync(dataDir, 0o750);
    const isWritable = !isReadOnly(dataDir);
    const inMemory = memoryLockFolder(dataDir, memoryDir, isWritable);
    if (inMemory !== undefined) locks.push(takeLock(inMemory, dataDir));
    if (isWritable) locks.push(takeLock(dataDir, dataDir));
  } catch (error) {
    release();
    throw isAppError(error) ? error : notWritable(dataDir, error);
  }
  return { release };
}

/** Beside the outbox's folder, which is removed when it was carried over. Undefined where the disk's lock has to be enough. */
function memoryLockFolder(dataDir: string, memoryDir: string, isWritable: boolean): string | undefined {
  if (isWritable && !existsSync(memoryDir)) return undefined;
  const folder = `${memoryFolderOf(dataDir, memoryDir)}-lock`;
  try {
    takeMemoryFolder(folder);
    return folder;
  } catch (error) {
    // Made by another user, or for nobody to write: no reason for a line with a good disk to stand.
    const isKnown = isAppError(error) || systemErrorCode(error) !== undefined;
    if (isWritable && isKnown) return undefined;
    throw error;
  }
}

function takeLock(folder: string, dataDir: string): Database.Database {
  const lock = new Database(join(folder, 'agent.lock'), { timeout: 0 });
  const holderFile = join(folder, 'agent.pid');
  try {
    // Nothing is ever written to it: by this not even a journal.
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN IMMEDIATE');
    sayHolder(holderFile);
    return lock;
  } catch (error) {
    lock.close();
    if (systemErrorCode(error)?.startsWith('SQLITE_BUSY')) throw inUse(dataDir, holderOf(holderFile), error);
    throw error;
  }
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
