import { seededRandom } from '@pomona/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkMapOf, chunkRange } from './chunk-map.ts';
import { findChunks } from './find-chunks.ts';

const chunkBytes = 1_024;

function bytesOf(seed: number, length: number): Buffer {
  const random = seededRandom(seed);
  return Buffer.from(Uint8Array.from({ length }, () => Math.floor(random.next() * 256)));
}

function foundIn(file: Buffer, data: Buffer): number[] {
  const map = chunkMapOf(file, chunkBytes);
  const found: number[] = [];
  for (const each of findChunks(map, map.chunks.keys(), data)) {
    for (const index of each?.indices ?? []) {
      const { start, end } = chunkRange(map, index);
      expect(Buffer.from(each!.data).equals(file.subarray(start, end))).toBe(true);
      found.push(index);
    }
  }
  return found.sort((a, b) => a - b);
}

describe('findChunks', () => {
  const file = bytesOf(1, 5 * chunkBytes + 300);

  it('finds every chunk of the same file, the shorter last one too', () => {
    expect(foundIn(file, file)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it.each([1, 77, 1_023, 1_025])('finds them when the file before had %i bytes more in front', (more) => {
    expect(foundIn(file, Buffer.concat([bytesOf(2, more), file]))).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('misses only the chunk in which a byte was taken out', () => {
    const before = Buffer.concat([file.subarray(0, 2_500), file.subarray(2_501)]);
    expect(foundIn(file, before)).toEqual([0, 1, 3, 4, 5]);
  });

  it('gives chunks of the same content together, from one place', () => {
    const plain = Buffer.concat([Buffer.alloc(3 * chunkBytes), bytesOf(3, chunkBytes)]);
    expect(foundIn(plain, Buffer.concat([bytesOf(4, 10), Buffer.alloc(chunkBytes)]))).toEqual([0, 1, 2]);
  });

  it('finds nothing in a file that is shorter, empty or another', () => {
    for (const data of [Buffer.alloc(0), file.subarray(0, 299), bytesOf(9, 20_000)])
      expect(foundIn(file, data)).toEqual([]);
  });

  it('finds nothing by a list of before, which has no sums', () => {
    const { sums: _, ...map } = chunkMapOf(file, chunkBytes);
    expect([...findChunks(map, map.chunks.keys(), file)]).toEqual([]);
  });

  it('takes no bytes for a chunk whose sum alone is right, and does not try for ever', () => {
    const map = chunkMapOf(Buffer.alloc(chunkBytes, 1), chunkBytes);
    const mistaken = { ...map, chunks: ['0'.repeat(64)] };
    expect([...findChunks(mistaken, [0], Buffer.alloc(200_000, 1))]).toEqual([]);
  });

  it('lets others have their turn in a large file', () => {
    const map = chunkMapOf(file, chunkBytes);
    const turns = [...findChunks(map, map.chunks.keys(), Buffer.alloc(600_000))];
    expect(turns.filter((each) => each === undefined).length).toBeGreaterThanOrEqual(2);
  });

  it('finds all that was kept whole, whatever was put in and taken out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(5 * chunkBytes), fc.nat(40), fc.nat(40)), { maxLength: 3 }),
        (edits) => {
          let before = file;
          const spoilt = new Set<number>();
          // From the end on, so that positions still hold.
          for (const [at, out, into] of edits.sort(([a], [b]) => b - a)) {
            before = Buffer.concat([
              before.subarray(0, at),
              bytesOf(at + 1, into),
              before.subarray(at + out),
            ]);
            for (let i = Math.max(0, at - 1); i <= at + out; i++) spoilt.add(Math.floor(i / chunkBytes));
          }
          const found = foundIn(file, before);
          expect([0, 1, 2, 3, 4, 5].filter((index) => !spoilt.has(index) && !found.includes(index))).toEqual(
            [],
          );
        },
      ),
      { numRuns: 40 },
    );
  });
});
