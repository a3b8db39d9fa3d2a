import { join } from 'node:path';
import { makeFolderSync, readIfPresent, writeFileDurably } from '@pomona/release';
import { AppError, type Clock, systemErrorCode } from '@pomona/wire';
import DatabaseConstructor from 'better-sqlite3';

const lockFile = 'control-plane.lock';
const holderFile = 'control-plane.json';

export interface FolderLock {
  release(): void;
}

/**
 * One control plane per data folder. The lock is SQLite's own lock of a file, which the kernel drops when its process
 * ends in whatever way: nothing goes stale, and no clock decides. Who holds it stands beside it in a file, for people.
 * Errors: `data-folder-in-use`, `data-folder-not-writable`.
 */
export async function lockFolder(folder: string, clock: Clock): Promise<FolderLock> {
  const lock = openLockFile(folder);
  try {
    lock.exec('begin immediate');
  } catch (error) {
    lock.close();
    if (!systemErrorCode(error)?.startsWith('SQLITE_BUSY')) throw error;
    throw inUse(folder, await readHolder(folder), error);
  }
  const holder = { pid: process.pid, since: new Date(clock.nowMs()).toISOString() };
  await writeFileDurably(join(folder, holderFile), `${JSON.stringify(holder)}\n`);
  return { release: () => lock.close() };
}

function openLockFile(folder: string): DatabaseConstructor.Database {
  try {
    makeFolderSync(folder);
    return new DatabaseConstructor(join(folder, lockFile), { timeout: 0 });
  } catch (error) {
    throw new AppError('data-folder-not-writable', `cannot write to the data folder ${folder}`, {
      hint: 'Give this user write permission there, or name another folder with --data.',
      cause: error,
    });
  }
}

async function readHolder(folder: string): Promise<string> {
  const text = await readIfPresent(join(folder, holderFile));
  if (!text) return 'another process';
  const { pid, since } = JSON.parse(text.toString()) as { pid: number; since: string };
  return `process ${pid} since ${since}`;
}

function inUse(folder: string, holder: string, cause: unknown): AppError {
  return new AppError('data-folder-in-use', `a control plane already runs on ${folder}: ${holder}`, {
    hint: 'Use that one, stop it first, or name another folder with --data.',
    cause,
  });
}
