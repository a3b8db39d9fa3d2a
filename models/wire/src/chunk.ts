/**
 * One chunk of a file on `transfer/chunk`. Big-endian header of 24 bytes, then the chunk:
 *
 *   0  u8   version (1)
 *   1  u8   status: 0 data, 1 no such file, 2 beyond the end, 3 refused (busy or over the cap; ask later)
 *   2  u16  reserved (0)
 *   4  u32  id of the request
 *   8  u32  index of the chunk
 *  12  u32  size of a chunk in bytes
 *  16  u64  size of the whole file in bytes
 */
export const chunkHeaderBytes = 24;

export const chunkStatuses = ['data', 'not-found', 'beyond-end', 'refused'] as const;
export type ChunkStatus = (typeof chunkStatuses)[number];

export interface Chunk {
  readonly status: ChunkStatus;
  readonly id: number;
  readonly index: number;
  readonly chunkBytes: number;
  readonly totalBytes: number;
  readonly data: Uint8Array;
}

export function encodeChunk(chunk: Chunk): Buffer {
  const bytes = Buffer.allocUnsafe(chunkHeaderBytes + chunk.data.byteLength);
  bytes.writeUInt8(1, 0);
  bytes.writeUInt8(chunkStatuses.indexOf(chunk.status), 1);
  bytes.writeUInt16BE(0, 2);
  bytes.writeUInt32BE(chunk.id, 4);
  bytes.writeUInt32BE(chunk.index, 8);
  bytes.writeUInt32BE(chunk.chunkBytes, 12);
  bytes.writeBigUInt64BE(BigInt(chunk.totalBytes), 16);
  bytes.set(chunk.data, chunkHeaderBytes);
  return bytes;
}

/** Undefined for bytes that are not a chunk of this version. */
export function decodeChunk(bytes: Uint8Array): Chunk | undefined {
  if (bytes.byteLength < chunkHeaderBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const status = chunkStatuses[view.getUint8(1)];
  const totalBytes = view.getBigUint64(16);
  if (view.getUint8(0) !== 1 || status === undefined || totalBytes > BigInt(Number.MAX_SAFE_INTEGER))
    return undefined;
  return {
    status,
    id: view.getUint32(4),
    index: view.getUint32(8),
    chunkBytes: view.getUint32(12),
    totalBytes: Number(totalBytes),
    data: bytes.subarray(chunkHeaderBytes),
  };
}
