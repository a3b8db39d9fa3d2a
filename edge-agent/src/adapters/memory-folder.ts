/** A station's folder in memory (`/dev/shm`, a file system that outlives the process and not the power), for what its disk does not take. */
import { createHash } from 'node:crypto';
import { accessSync, constants, lstatSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeFolderSync } from '@pomona/release';
import { AppError, systemErrorCode } from '@pomona/wire';

export function memoryFolderOf(dataDir: string, memoryDir = '/dev/shm'): string {
  const name = createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16);
  return join(memoryDir, `pomona-${name}`);
}

/** Everybody may write beside it: it must be this user's own, and nobody else's business. */
export function takeMemoryFolder(folder: string): void {
  makeFolderSync(folder, 0o700);
  const { uid, mode } = lstatSync(folder);
  const isOwn = lstatSync(folder).isDirectory() && uid === process.getuid?.() && (mode & 0o077) === 0;
  if (isOwn) return;
  throw new AppError('outbox-folder', `${folder} belongs to somebody else`, {
    hint: 'Remove it, and find out who made it; then start the agent again.',
  });
}

/** As a card becomes when it fails: Linux mounts it so from its first error on. */
export function isReadOnly(dataDir: string): boolean {
  try {
    accessSync(dataDir, constants.W_OK);
    return false;
  } catch (error) {
    if (systemErrorCode(error) === 'EROFS') return true;
    throw error;
  }
}
