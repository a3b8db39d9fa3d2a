/** A worker thread that makes batches, each when it is asked for, for `adapters/batches-ahead.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { BatchMade, BatchWanted } from './adapters/batches-ahead.ts';
import { type Batch, type BatchMaking, epochBatches } from './domain/batches.ts';

const making = workerData as BatchMaking;
let current: { readonly epoch: number; readonly batches: Generator<Batch> } | undefined;

parentPort!.on('message', ({ epoch }: BatchWanted) => {
  if (current?.epoch !== epoch) current = { epoch, batches: epochBatches(making, epoch) };
  const { value, done } = current.batches.next();
  if (done) return parentPort!.postMessage({ epoch, batch: undefined } satisfies BatchMade);
  // The generator writes over its own; these are given away.
  const batch = { ...value, pixels: value.pixels.slice(), defects: value.defects.slice() };
  parentPort!.postMessage({ epoch, batch } satisfies BatchMade, [
    ...[batch.pixels.buffer, batch.defects.buffer],
  ]);
});
