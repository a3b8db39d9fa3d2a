import { type Static, Type } from '@pomona/schema';
import { Digest } from '@pomona/wire';
import { digestOf } from './digest.ts';
import { releaseError } from './release-errors.ts';
import { rollingSum } from './rolling-sum.ts';

/** 64 KiB: small enough for a broker with modest limits, large enough that headers do not count. */
const chunkBytesDefault = 65_536;
/** 16 KiB pass a link of 64 kbit/s in two seconds, so that one which breaks every few seconds gets on. */
const smallChunkBytes = 16_384;
/** Up to here the list of small chunks is short. */
const smallFileBytesMax = 4 * 1024 * 1024;

function chunkBytesFor(bytes: number): number {
  return bytes <= smallFileBytesMax ? smallChunkBytes : chunkBytesDefault;
}

/** A file cut into chunks of `chunkBytes`; the last one may be shorter. An empty file has no chunks. */
export const ChunkMap = Type.Object({
  digest: Digest,
  bytes: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  chunkBytes: Type.Integer({ minimum: 1024, maximum: 131_072 }),
  /** SHA-256 of each chunk, in order. */
  chunks: Type.Array(Digest, { maxItems: 65_536 }),
  /** The rolling sum of each chunk, by which it is found in another file (`findChunks`); not there in releases of before. */
  sums: Type.Optional(Type.Array(Type.Integer({ minimum: 0, maximum: 0xffffffff }), { maxItems: 65_536 })),
});
export type ChunkMap = Static<typeof ChunkMap>;

export function chunkMapOf(data: Uint8Array, chunkBytes = chunkBytesFor(data.byteLength)): ChunkMap {
  const chunks: string[] = [];
  const sums: number[] = [];
  for (let at = 0; at < data.byteLength; at += chunkBytes) {
    const chunk = data.subarray(at, at + chunkBytes);
    chunks.push(digestOf(chunk));
    sums.push(rollingSum(chunk));
  }
  return { digest: digestOf(data), bytes: data.byteLength, chunkBytes, chunks, sums };
}

export function chunkCount(map: Pick<ChunkMap, 'bytes' | 'chunkBytes'>): number {
  return Math.ceil(map.bytes / map.chunkBytes);
}

/** Where a chunk stands in its file, in bytes. */
export function chunkRange(map: ChunkMap, index: number): { readonly start: number; readonly end: number } {
  const start = index * map.chunkBytes;
  return { start, end: Math.min(start + map.chunkBytes, map.bytes) };
}

/** Throws `chunk-refused` (retryable) for an index beyond the end, a wrong length or a wrong digest. */
export function checkChunk(map: ChunkMap, index: number, data: Uint8Array): void {
  const digest = Number.isInteger(index) && index >= 0 ? map.chunks[index] : undefined;
  if (digest === undefined) throw refused(map, index, `the file has ${map.chunks.length} chunks`);
  const { start, end } = chunkRange(map, index);
  if (data.byteLength !== end - start)
    throw refused(map, index, `${data.byteLength} bytes instead of ${end - start}`);
  if (digestOf(data) !== digest) throw refused(map, index, 'its SHA-256 differs');
}

function refused(map: ChunkMap, index: number, why: string) {
  return releaseError('chunk-refused', `chunk ${index} of ${map.digest.slice(0, 12)}: ${why}`, {
    retryable: true,
  });
}
