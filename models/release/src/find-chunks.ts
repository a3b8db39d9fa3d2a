/**
 * Finds the chunks of a file in another file, at whatever offset they stand there: the method of rsync (Tridgell and Mackerras,
 * "The rsync algorithm", 1996), with the sums in the signed list as zsync has them. A window of the length of a chunk rolls over
 * the other file byte by byte; its weak sum is renewed from the byte that leaves and the one that comes, and where it is one
 * that is looked for, SHA-256 decides. So a chunk is found although what stands before it has become longer or shorter.
 *
 * Invariant: nothing is found but bytes whose SHA-256 is that of the chunk.
 */
import { type ChunkMap, chunkRange } from './chunk-map.ts';
import { digestOf } from './digest.ts';
import { rollingSum } from './rolling-sum.ts';

/** So often a search says that it is still at it, bytes of the other file: some milliseconds on a board. */
const pauseBytes = 262_144;
/** Sums that are right of bytes that are wrong; in pictures with plain areas there are some, beyond this it is no use. */
const mistakenMax = 1_000;

export interface FoundChunk {
  readonly indices: readonly number[];
  readonly data: Uint8Array;
}

/**
 * The chunks of `wanted` (indices of `map`) that `data` holds, each once; undefined in between, so that the caller may let others
 * have their turn. Finds nothing by a list without sums.
 */
export function* findChunks(
  map: ChunkMap,
  wanted: Iterable<number>,
  data: Uint8Array,
): Generator<FoundChunk | undefined> {
  const { sums } = map;
  if (sums === undefined) return;
  // All have the same length but the last.
  const byLength = new Map<number, Map<number, number[]>>();
  for (const index of wanted) {
    const { start, end } = chunkRange(map, index);
    const bySum = byLength.get(end - start) ?? new Map<number, number[]>();
    bySum.set(sums[index]!, [...(bySum.get(sums[index]!) ?? []), index]);
    byLength.set(end - start, bySum);
  }
  for (const [length, bySum] of byLength) yield* roll(map, length, bySum, data);
}

function* roll(
  map: ChunkMap,
  length: number,
  bySum: Map<number, number[]>,
  data: Uint8Array,
): Generator<FoundChunk | undefined> {
  const last = data.byteLength - length;
  let mistaken = 0;
  let pausedAt = 0;
  let sum = 0;
  // Where the window was taken anew rather than rolled on.
  let isFresh = true;
  for (let at = 0; at <= last && bySum.size > 0; ) {
    if (isFresh) sum = rollingSum(data.subarray(at, at + length));
    isFresh = false;
    const indices = bySum.get(sum);
    if (indices !== undefined) {
      const window = data.subarray(at, at + length);
      const digest = digestOf(window);
      const right = indices.filter((index) => map.chunks[index] === digest);
      if (right.length > 0) {
        const others = indices.filter((index) => !right.includes(index));
        if (others.length === 0) bySum.delete(sum);
        else bySum.set(sum, others);
        yield { indices: right, data: window };
        at += length;
        isFresh = true;
        continue;
      }
      if (++mistaken > mistakenMax) return;
    }
    if (at < last) sum = rolled(sum, length, data[at]!, data[at + length]!);
    at++;
    if (at - pausedAt >= pauseBytes) {
      pausedAt = at;
      yield undefined;
    }
  }
}

/** The sum of the next window: `out` leaves, `into` comes. */
function rolled(sum: number, length: number, out: number, into: number): number {
  const low = (sum - out + into) & 0xffff;
  const high = ((sum >>> 16) - length * out + low) & 0xffff;
  return ((high << 16) | low) >>> 0;
}
