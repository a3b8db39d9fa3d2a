import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemErrorCode } from '@pomona/wire';
import { unpackZip } from '../adapters/dataset/unpack-zip.ts';

/** A folder as it is, or a ZIP file unpacked to a temporary one for as long as it is used. Errors: as `unpackZip`. */
export async function withUnpacked<T>(
  place: string,
  signal: AbortSignal,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  if (!(await isFile(place)) || !/\.zip$/i.test(place)) return use(place);
  const folder = await mkdtemp(join(tmpdir(), 'pomona-photographs-'));
  try {
    return await use(await unpackZip(place, folder, signal));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    // Whoever reads the folder says what is missing.
    if (systemErrorCode(error) === undefined) throw error;
    return false;
  }
}
