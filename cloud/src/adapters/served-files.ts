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

/**
 * The files that devices may have: blobs by their digest, and the metadata that the trust repository gives out. A path
 * is never joined as it comes: what is not of these two forms does not exist. Handles of blobs are kept open, at most
 * `openFilesMax`, the least recently used closed first; blobs never change.
 */
export class DataFolderFiles {
  readonly #blobsFolder: string;
  readonly #readMetadata: (file: string) => Promise<Uint8Array | undefined>;
  readonly #open = new Map<string, Promise<OpenFile | undefined>>();

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
    const files = [...this.#open.values()];
    this.#open.clear();
    for (const file of files) await (await file)?.handle.close();
  }

  async #readBlob(
    digest: string,
    offset: number,
    lengthMax: number,
  ): Promise<{ bytes: Uint8Array; totalBytes: number } | undefined> {
    const file = await this.#openBlob(digest);
    if (!file) return undefined;
    const length = Math.max(0, Math.min(lengthMax, file.totalBytes - offset));
    const bytes = Buffer.allocUnsafe(length);
    const { bytesRead } = await file.handle.read(bytes, 0, length, offset);
    return { bytes: bytes.subarray(0, bytesRead), totalBytes: file.totalBytes };
  }

  async #openBlob(digest: string): Promise<OpenFile | undefined> {
    const known = this.#open.get(digest);
    const file = known ?? openFile(join(this.#blobsFolder, digest));
    this.#open.delete(digest);
    this.#open.set(digest, file);
    const opened = await file.catch((error: unknown) => {
      this.#open.delete(digest);
      throw error;
    });
    if (!opened) this.#open.delete(digest);
    await this.#closeOldest();
    return opened;
  }

  async #closeOldest(): Promise<void> {
    const [oldest] = this.#open.keys();
    if (oldest === undefined || this.#open.size <= openFilesMax) return;
    const file = this.#open.get(oldest);
    this.#open.delete(oldest);
    await (await file)?.handle.close();
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
