import { link, rm, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { systemErrorCode } from '@pomona/wire';
import { readIfPresent } from './durable-file.ts';

const attemptsMax = 500;
const pauseMs = 20;
/** The last caller of this process per path: within a process they wait for each other in turn. */
const tails = new Map<string, Promise<unknown>>();

/**
 * Runs `work` while nobody else on this machine does so under the same path. The file at `path` holds the number of the
 * process; that of a process that is gone does not count. Gives up after ten seconds: the result is then undefined.
 */
export function underFileLock<T>(
  path: string,
  work: () => Promise<T>,
): Promise<{ readonly value: T } | undefined> {
  const before = tails.get(path) ?? Promise.resolve();
  const result = before.then(() => lockAndRun(path, work));
  const settled = result.then(
    () => undefined,
    () => undefined,
  );
  tails.set(path, settled);
  void settled.then(() => tails.get(path) === settled && tails.delete(path));
  return result;
}

async function lockAndRun<T>(path: string, work: () => Promise<T>): Promise<{ value: T } | undefined> {
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    if (await acquire(path)) {
      try {
        return { value: await work() };
      } finally {
        await rm(path, { force: true });
      }
    }
    await pause(pauseMs);
  }
  return undefined;
}

async function acquire(path: string): Promise<boolean> {
  // Linked when it is written, so that a lock is never seen without its holder.
  const candidate = `${path}.${process.pid}`;
  await writeFile(candidate, String(process.pid));
  try {
    await link(candidate, path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
  } finally {
    await rm(candidate, { force: true });
  }
  const holder = await readIfPresent(path);
  if (holder && isGone(Number(holder.toString()))) await rm(path, { force: true });
  return false;
}

/** In a container every start has the same number: a lock of our number, which we wait for, is that of a life before. */
function isGone(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemErrorCode(error) !== 'EPERM';
  }
}
