import { on } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Batch, BatchMaking } from '../domain/batches.ts';
import type { BatchSource } from '../use-cases/train.ts';

/** One message for every batch that is wanted; the answer to one beyond the epoch's end has none. */
export interface BatchWanted {
  readonly epoch: number;
}

export interface BatchMade extends BatchWanted {
  readonly batch: Batch | undefined;
}

/** While a step runs on one batch, the next are made. */
const aheadCount = 2;

/** Makes the very batches that `epochBatches` gives in a thread of its own. `workerFile` is the worker's built file. */
export function startBatchesAhead(
  making: BatchMaking,
  workerFile = new URL('../batch-worker.js', import.meta.url),
): BatchSource {
  const worker = new Worker(workerFile, { workerData: { ...making, dataset: shared(making.dataset) } });
  const made = on(worker, 'message');
  return {
    async *epoch(epoch) {
      const ask = (): void => worker.postMessage({ epoch } satisfies BatchWanted);
      for (let count = 0; count < aheadCount; count++) ask();
      // Not a loop over what comes, which would end with the epoch.
      while (true) {
        const [answer] = (await made.next()).value as [BatchMade];
        if (answer.epoch !== epoch) continue;
        if (answer.batch === undefined) return;
        ask();
        yield answer.batch;
      }
    },
    stop: async () => {
      await worker.terminate();
    },
  };
}

/** Crops and maps where both threads see them: once in memory for each, however many batches there are. */
function shared({ inputSize, crops, defects }: BatchMaking['dataset']): BatchMaking['dataset'] {
  return {
    inputSize,
    crops: sharedBytes(crops),
    defects: defects && { ...defects, maps: sharedBytes(defects.maps) },
  };
}

function sharedBytes(bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  copy.set(bytes);
  return copy;
}
