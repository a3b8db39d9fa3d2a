import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { digestPattern, systemErrorCode } from '@pomona/wire';

const openFilesMax = 32;
const blobPath = new RegExp(`^blobs/(${digestPattern.slice(1, -1)})$`);
const metadataPath = /^metadata\/([^/]+)$/;

interface OpenFile {
  readonly handle: FileHandle;
  readonly totalBytes: number;
}

interface Entry {
  readonly file: Promise<OpenFile | undefined>;
  /** Reads that are going on; a file is not closed under them. */
  readers: number;
}

/**
 * The files that devices may have: blobs by their digest, and the metadata that the trust repository gives out. A path
 * is never joined as it comes: what is not of these two forms does not exist. Handles of blobs are kept open, at most
 * `openFilesMax` beside those that are being read, the least recently used closed first; blobs never change.
 */
export class DataFolderFiles {
  readonly #blobsFolder: string;
  readonly #readMetadata: (file: string) => Promise<Uint8Array | undefined>;
  readonly #open = new Map<string, Entry>();

  constructor(blobsFolder: string, readMetadata: (file: string) => Promise<Uint8Array | undefined>) {
    this.#blobsFolder = blobsFolder;
    this.#readMetadata = readMetadata;
  }

  async read(
    path: string,
    offset: number,
    lengthMax: number,
  ): Promise<{ bytes: Uint8Array; totalBytes: number } | undefined> {
    const digest = blobPath.exec(path)?.[1];
    if (digest !== undefined) return this.#readBlob(digest, offset, lengthMax);
    const name = metadataPath.exec(path)?.[1];
    const metadata = name === undefined ? undefined : await this.#readMetadata(name);
    return (
      metadata && { bytes: metadata.subarray(offset, offset + lengthMax), totalBytes: metadata.byteLength }
    );
  }

  async close(): Promise<void> {
    const entries = [...this.#open.values()];
    this.#open.clear();
    for (const { file } of entries) await (await file)?.handle.close();
  }

  async #readBlob(
    digest: string,
    offset: number,
    lengthMax: number,
  ): Promise<{ bytes: Uint8Array; totalBytes: number } | undefined> {
    const entry = this.#entryOf(digest);
    entry.readers++;
    try {
      const file = await entry.file;
      if (!file) return undefined;
      const length = Math.max(0, Math.min(lengthMax, file.totalBytes - offset));
      const bytes = Buffer.allocUnsafe(length);
      const { bytesRead } = await file.handle.read(bytes, 0, length, offset);
      return { bytes: bytes.subarray(0, bytesRead), totalBytes: file.totalBytes };
    } finally {
      entry.readers--;
      await this.#closeOldest();
    }
  }

  #entryOf(digest: string): Entry {
    const known = this.#open.get(digest);
    const entry = known ?? { file: openFile(join(this.#blobsFolder, digest)), readers: 0 };
    this.#open.delete(digest);
    this.#open.set(digest, entry);
    if (!known) {
      const forget = () => {
        if (this.#open.get(digest) === entry) this.#open.delete(digest);
      };
      // A blob that is not there, or not readable, may be the next time.
      entry.file.then((file) => file ?? forget(), forget);
    }
    return entry;
  }

  async #closeOldest(): Promise<void> {
    for (const [digest, { file, readers }] of this.#open) {
      if (this.#open.size <= openFilesMax) return;
      if (readers > 0) continue;
      this.#open.delete(digest);
      await (await file)?.handle.close();
    }
  }
}

async function openFile(path: string): Promise<OpenFile | undefined> {
  try {
    const handle = await open(path, 'r');
    return { handle, totalBytes: (await handle.stat()).size };
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
