import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, readIfPresent, writeFileDurably } from '@pomona/release';

/** Files by the SHA-256 of their content: `blobs/<digest>`. */
export class BlobFolder {
  readonly folder: string;

  constructor(dataFolder: string) {
    this.folder = join(dataFolder, 'blobs');
  }

  /** Keeps the bytes and returns their digest. A blob that is there and whole is not written again. */
  async put(bytes: Uint8Array): Promise<string> {
    const digest = digestOf(bytes);
    const path = join(this.folder, digest);
    const known = await readIfPresent(path);
    if (known && digestOf(known) === digest) return digest;
    await mkdir(this.folder, { recursive: true });
    await writeFileDurably(path, bytes);
    return digest;
  }

  /** What is not there is gone already. */
  async remove(digest: string): Promise<void> {
    await rm(join(this.folder, digest), { force: true });
  }
}
