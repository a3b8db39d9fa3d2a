/**
 * Releases in `dataDir/releases`: `<digest>.partial` while one is fetched, `<digest>` once all of it was verified. The
 * rename between the two is the moment from which it can run.
 *
 * There is no list of which chunks have come: a chunk is there when its digest is right. After a power cut such a list
 * could promise what never reached the disk.
 */

import { existsSync } from 'node:fs';
import { type FileHandle, open, readdir, rename, rm, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  chunkRange,
  digestOf,
  type Manifest,
  makeFolder,
  parseManifest,
  type ReleaseFile,
  readIfPresent,
  releaseBytes,
  syncFolder,
  writeFileDurably,
} from '@pomona/release';
import { AppError, isAppError } from '@pomona/wire';
import type { OpenReleaseFile, ReleaseStore } from '../use-cases/update-ports.ts';
import { type KnownRelease, reuseChunks } from './reuse-chunks.ts';

const manifestName = 'manifest.json';
const partial = '.partial';
/** Left for the outbox and the journal. */
const reserveBytes = 16 * 1024 * 1024;

export function openReleaseFolder(dataDir: string): ReleaseStore {
  const folder = join(dataDir, 'releases');
  const completeFolder = (digest: string): string => join(folder, digest);
  const partialFolder = (digest: string): string => join(folder, digest + partial);
  const folderOf = (digest: string): string =>
    existsSync(completeFolder(digest)) ? completeFolder(digest) : partialFolder(digest);

  async function readManifest(digest: string): Promise<Manifest> {
    const bytes = await readIfPresent(join(folderOf(digest), manifestName));
    if (bytes === undefined || digestOf(bytes) !== digest) throw damaged(digest, 'its manifest');
    return parseManifest(bytes);
  }

  /** Those whose manifest is whole; what else is in their folders is for who reads it to check. */
  async function othersThan(digest: string): Promise<KnownRelease[]> {
    const known: KnownRelease[] = [];
    for (const name of await readdir(folder)) {
      const other = name.replace(partial, '');
      if (other === digest) continue;
      try {
        known.push({ folder: join(folder, name), files: (await readManifest(other)).files });
      } catch (error) {
        // A release that cannot be read here is nothing to copy from, and no reason not to fetch another.
        if (!isAppError(error)) throw error;
      }
    }
    return known;
  }

  return {
    async isComplete(digest) {
      return existsSync(completeFolder(digest));
    },

    async begin(digest, bytes) {
      const manifest = parseManifest(bytes);
      await makeFolder(partialFolder(digest));
      const { bavail, bsize } = await statfs(folder);
      const wantedBytes = releaseBytes(manifest) + reserveBytes;
      if (bavail * bsize < wantedBytes) throw diskFull(folder, wantedBytes, bavail * bsize);
      await writeFileDurably(join(partialFolder(digest), manifestName), bytes);
      await syncFolder(folder);
      return manifest;
    },

    manifest: readManifest,

    openFile: (digest, file) => openReleaseFile(join(partialFolder(digest), file.name), file),

    async reuse(digest, file, sink, signal) {
      if (sink.missing().length > 0) await reuseChunks(await othersThan(digest), file, sink, signal);
    },

    async verify(digest) {
      try {
        for (const file of (await readManifest(digest)).files) {
          const bytes = await readIfPresent(join(folderOf(digest), file.name));
          if (bytes === undefined || bytes.byteLength !== file.bytes || digestOf(bytes) !== file.digest)
            throw damaged(digest, file.name);
        }
      } catch (error) {
        // Whatever is wrong with it, it is fetched again: the whole of what was complete, or the chunks that are wrong.
        if (isAppError(error)) await rm(completeFolder(digest), { recursive: true, force: true });
        throw error;
      }
    },

    async complete(digest) {
      if (existsSync(completeFolder(digest))) return;
      await syncFolder(partialFolder(digest));
      await rename(partialFolder(digest), completeFolder(digest));
      await syncFolder(folder);
    },

    fileOf: (digest, name) => join(folderOf(digest), name),

    async keepOnly(digests) {
      await makeFolder(folder);
      for (const name of await readdir(folder)) {
        if (digests.includes(name.replace(partial, ''))) continue;
        await rm(join(folder, name), { recursive: true, force: true });
      }
    },
  };
}

async function openReleaseFile(path: string, file: ReleaseFile): Promise<OpenReleaseFile> {
  const handle = await openForWriting(path);
  const missing = new Set<number>();
  try {
    const { size } = await handle.stat();
    if (size !== file.bytes) await handle.truncate(file.bytes);
    const buffer = Buffer.alloc(file.chunkBytes);
    for (let index = 0; index < file.chunks.length; index++) {
      const { start, end } = chunkRange(file, index);
      const { bytesRead } = await handle.read(buffer, 0, end - start, start);
      if (digestOf(buffer.subarray(0, bytesRead)) !== file.chunks[index]) missing.add(index);
    }
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    missing: () => [...missing],
    async write(index, data) {
      const { start } = chunkRange(file, index);
      let written = 0;
      // A disk that fills up takes a part of a write before it refuses the rest.
      while (written < data.byteLength) {
        const { bytesWritten } = await handle.write(
          data,
          written,
          data.byteLength - written,
          start + written,
        );
        written += bytesWritten;
      }
      missing.delete(index);
    },
    async close() {
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
      // Once the journal says that all was fetched, no power cut may take the name of a file away.
      await syncFolder(dirname(path));
    },
  };
}

/** Opened for reading and writing, made when it is not there, kept as it is otherwise. */
async function openForWriting(path: string): Promise<FileHandle> {
  await (await open(path, 'a')).close();
  return open(path, 'r+');
}

function damaged(digest: string, what: string): AppError {
  return new AppError(
    'release-damaged',
    `release ${digest.slice(0, 12)} is damaged on this device: ${what}`,
    {
      hint: 'It will be fetched again; if it happens often, replace the disk.',
      retryable: true,
    },
  );
}

function diskFull(folder: string, wantedBytes: number, freeBytes: number): AppError {
  const mb = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
  return new AppError(
    'disk-full',
    `the release needs ${mb(wantedBytes)} in ${folder}, ${mb(freeBytes)} are free`,
    {
      hint: 'Free some space on the device; it will be tried again.',
      retryable: true,
    },
  );
}
