import { existsSync, mkdirSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { systemErrorCode } from '@pomona/wire';

/**
 * Makes a folder, and those above it that are missing. Node's own `mkdir` does so as well, but tries for ever, and lets no
 * signal through, where the system says of a folder in one that is there that there is no such file: so does `/proc`.
 * Throws what the system says.
 */
export async function makeFolder(folder: string, mode?: number): Promise<void> {
  for (const each of missingFolders(folder)) {
    try {
      await mkdir(each, { mode });
    } catch (error) {
      passIfThere(each, error);
    }
  }
}

/** As `makeFolder`, at once. */
export function makeFolderSync(folder: string, mode?: number): void {
  for (const each of missingFolders(folder)) {
    try {
      mkdirSync(each, { mode });
    } catch (error) {
      passIfThere(each, error);
    }
  }
}

/** From the uppermost on; the folder itself always, for what stands there may be a file. */
function missingFolders(folder: string): string[] {
  const missing = [resolve(folder)];
  for (let above = dirname(missing[0]!); !existsSync(above); above = dirname(above)) missing.unshift(above);
  return missing;
}

/** Somebody else may have made it meanwhile. */
function passIfThere(folder: string, error: unknown): void {
  const isThere = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  if (systemErrorCode(error) !== 'EEXIST' || !isThere) throw error;
}
