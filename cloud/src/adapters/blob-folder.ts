import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf, makeFolder, readIfPresent, writeFileDurably } from '@pomona/release';
import { AppError, systemErrorCode } from '@pomona/wire';

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
    await makeFolder(this.folder);
    await writeFileDurably(path, bytes);
    return digest;
  }

  /** Undefined for what is not there. */
  async find(digest: string): Promise<Uint8Array | undefined> {
    return readIfPresent(join(this.folder, digest));
  }

  /** Error: `model-unreadable` where it is not there, or not whole. */
  async read(digest: string): Promise<Uint8Array> {
    const bytes = await this.find(digest);
    if (bytes !== undefined && digestOf(bytes) === digest) return bytes;
    const state = bytes ? 'damaged' : 'missing';
    throw new AppError('model-unreadable', `the blob ${digest.slice(0, 12)} is ${state}`, {
      hint: 'Bring back the data folder’s blobs from a backup.',
    });
  }

  /** 0 for what is not there. */
  async bytesOf(digest: string): Promise<number> {
    try {
      return (await stat(join(this.folder, digest))).size;
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return 0;
      throw error;
    }
  }

  /** What is not there is gone already. */
  async remove(digest: string): Promise<void> {
    await rm(join(this.folder, digest), { force: true });
  }
}
