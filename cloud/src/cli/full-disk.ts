/** A disk that is full for a while: for benches, on a small file system of its own. */
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, systemErrorCode } from '@pomona/wire';

/** To fill a larger one would take long, and hurt whoever else uses it. */
const bytesMax = 1024 ** 3;
const pieceBytes = [1024 ** 2, 64 * 1024, 4096];

/** Error: `config-invalid` for a file system that is larger than 1 GiB. */
export async function checkMayFill(folder: string): Promise<void> {
  const { blocks, bsize } = await statfs(folder);
  if (blocks * bsize <= bytesMax) return;
  throw new AppError('config-invalid', `the disk of ${folder} is larger than 1 GiB, and will not be filled`, {
    hint: 'Name a folder on a small one: mount -t tmpfs -o size=256m tmpfs <folder>',
  });
}

/** To the last byte that a file can have. Returns what makes room again. */
export async function fillDisk(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'ballast');
  const handle = await open(file, 'w');
  try {
    for (const bytes of pieceBytes) {
      const piece = Buffer.alloc(bytes);
      while (await isTaken(handle.write(piece)));
    }
  } finally {
    await handle.close();
  }
  return () => rm(file, { force: true });
}

async function isTaken(write: Promise<{ bytesWritten: number }>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOSPC') throw error;
    return false;
  }
}
