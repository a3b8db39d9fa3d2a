/**
 * Where a training stands after an epoch, so that one that was killed goes on as if it had not been: one line of JSON, then
 * float32 little-endian: the network's numbers, the two moments of Adam, the best numbers so far, and their running mean where the
 * recipe has one. What is random begins
 * anew with each epoch, from the seed and the epoch's number, and needs no place here.
 */
import { trainingError } from '../domain/errors.ts';
import type { TrainingEvent } from '../domain/training-protocol.ts';

export interface CheckpointStore {
  /** Between two that are saved, at least: epochs may be short, and writing takes its time. */
  readonly intervalMs: number;
  /** Undefined where there is none yet. */
  load(): Promise<Uint8Array | undefined>;
  save(bytes: Uint8Array): Promise<void>;
}

export type EpochEvent = Extract<TrainingEvent, { readonly type: 'epoch' }>;

export interface CheckpointHead {
  /** What must be the same for going on to make sense: dataset, network and its shapes, recipe, seed, what it began with. */
  readonly job: string;
  readonly epoch: number;
  readonly steps: number;
  readonly elapsedMs: number;
  readonly best: { readonly epoch: number; readonly loss: number };
  readonly events: readonly EpochEvent[];
}

const newline = 0x0a;

export function writeCheckpoint(head: CheckpointHead, arrays: readonly Float32Array[]): Uint8Array {
  const line = Buffer.from(`${JSON.stringify(head)}\n`);
  const parts = arrays.map((each) => Buffer.from(each.buffer, each.byteOffset, each.byteLength));
  return Buffer.concat([line, ...parts]);
}

/** `lengths` of the arrays that are to be in it. Error: `checkpoint-unsuited` when it is of another training, or not whole. */
export function readCheckpoint(
  file: Uint8Array,
  job: string,
  lengths: readonly number[],
): CheckpointHead & { readonly arrays: readonly Float32Array[] } {
  const end = file.indexOf(newline);
  const head = parsed(new TextDecoder().decode(file.subarray(0, Math.max(0, end))));
  if (head?.job !== job) throw unsuited('it was made by another dataset, network, recipe or seed');
  // A copy of its own, aligned for floats.
  const bytes = new Uint8Array(file.subarray(end + 1));
  const wanted = lengths.reduce((sum, each) => sum + each, 0) * Float32Array.BYTES_PER_ELEMENT;
  if (bytes.length !== wanted) throw unsuited(`its numbers take ${bytes.length} bytes, not ${wanted}`);
  const values = new Float32Array(bytes.buffer);
  let next = 0;
  const arrays = lengths.map((length) => {
    next += length;
    return values.slice(next - length, next);
  });
  // A loss beyond all numbers is null in JSON.
  return { ...head, best: { ...head.best, loss: head.best.loss ?? Number.POSITIVE_INFINITY }, arrays };
}

function parsed(line: string): CheckpointHead | undefined {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function unsuited(why: string): Error {
  return trainingError('checkpoint-unsuited', `the checkpoint cannot be gone on from: ${why}`);
}
