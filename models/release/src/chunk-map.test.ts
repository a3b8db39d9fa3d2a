import { isAppError } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { checkChunk, chunkCount, chunkMapOf, chunkRange } from './chunk-map.ts';

const data = Buffer.from(Array.from({ length: 2500 }, (_, i) => i % 251));
const map = chunkMapOf(data, 1024);
const part = (index: number) => {
  const { start, end } = chunkRange(map, index);
  return data.subarray(start, end);
};

function accepts(index: number, bytes: Uint8Array): boolean {
  try {
    checkChunk(map, index, bytes);
    return true;
  } catch (error) {
    if (isAppError(error, 'chunk-refused') && error.retryable) return false;
    throw error;
  }
}

describe('a chunk map', () => {
  it('accepts every chunk in its place', () => {
    expect(map.chunks).toHaveLength(3);
    expect(chunkCount(map)).toBe(3);
    expect(part(2).byteLength).toBe(2500 - 2048);
    for (const index of [0, 1, 2]) expect(accepts(index, part(index))).toBe(true);
  });

  it('refuses a changed, shorter, longer or misplaced chunk', () => {
    const changed = Buffer.from(part(1));
    changed[500] = changed[500]! ^ 1;
    expect(accepts(1, changed)).toBe(false);
    expect(accepts(1, part(1).subarray(1))).toBe(false);
    expect(accepts(1, Buffer.concat([part(1), Buffer.alloc(1)]))).toBe(false);
    expect(accepts(1, part(0))).toBe(false);
  });

  it.each([-1, 3, 1.5, Number.NaN])('refuses the index %s', (index) => {
    expect(accepts(index, part(0))).toBe(false);
  });

  it('has no chunks for an empty file', () => {
    expect(chunkMapOf(Buffer.alloc(0))).toMatchObject({ bytes: 0, chunks: [] });
  });
});
