/**
 * Chunks of a file that other releases on this device have already: by their own chunk lists where a chunk stands whole in
 * them, and then anywhere in their file of the same name, since a network that is calibrated anew stands a few bytes further on.
 * Every chunk is held against its SHA-256 before it is handed on, so a damaged or forged file here gives nothing.
 */
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type ChunkMap,
  chunkRange,
  digestOf,
  findChunks,
  type Manifest,
  type ReleaseFile,
} from '@pomona/release';
import { systemErrorCode } from '@pomona/wire';
import type { ChunkSink } from '../use-cases/transfer.ts';

export interface KnownRelease {
  readonly folder: string;
  readonly files: Manifest['files'];
}

export async function reuseChunks(
  known: readonly KnownRelease[],
  file: ReleaseFile,
  sink: ChunkSink,
  signal: AbortSignal,
): Promise<void> {
  for (const { folder, files } of known) {
    for (const other of files) await copyListed(file, other, join(folder, other.name), sink, signal);
  }
  for (const { folder, files } of known) {
    if (sink.missing().length === 0) return;
    if (files.some(({ name }) => name === file.name))
      await copyFound(file, join(folder, file.name), sink, signal);
  }
}

/** What both lists name. */
async function copyListed(
  file: ChunkMap,
  other: ChunkMap,
  path: string,
  sink: ChunkSink,
  signal: AbortSignal,
): Promise<void> {
  const places = new Map(other.chunks.map((digest, index) => [digest, chunkRange(other, index)]));
  const wanted = sink.missing().filter((index) => places.has(file.chunks[index]!));
  if (wanted.length === 0) return;
  const handle = await unlessUnreadable(() => open(path, 'r'));
  try {
    for (const index of handle === undefined ? [] : wanted) {
      signal.throwIfAborted();
      const { start, end } = places.get(file.chunks[index]!)!;
      const data = Buffer.alloc(end - start);
      await unlessUnreadable(() => handle!.read(data, 0, data.byteLength, start));
      if (digestOf(data) === file.chunks[index]) await sink.write(index, data);
    }
  } finally {
    await handle?.close();
  }
}

async function copyFound(file: ChunkMap, path: string, sink: ChunkSink, signal: AbortSignal): Promise<void> {
  const data = await unlessUnreadable(() => readFile(path));
  if (data === undefined) return;
  for (const found of findChunks(file, sink.missing(), data)) {
    signal.throwIfAborted();
    if (found === undefined) await nextTurn();
    for (const index of found?.indices ?? []) await sink.write(index, found!.data);
  }
}

/** What this disk does not give any more comes from the control plane, as if it had never been here. */
async function unlessUnreadable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (['ENOENT', 'EIO'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}
