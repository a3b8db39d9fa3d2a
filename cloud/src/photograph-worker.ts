/** A worker thread that inspects photographs, one at a time, for `adapters/dataset/photograph-pool.ts`. */
import { parentPort } from 'node:worker_threads';
import sharp from 'sharp';
import { inspectPhotograph } from './adapters/dataset/inspect-photograph.ts';
import type { InspectionJob, InspectionReply } from './adapters/dataset/photograph-pool.ts';

// The threads of the pool share the work already.
sharp.concurrency(1);
sharp.cache(false);

parentPort!.on('message', async ({ id, path, ...wanted }: InspectionJob) => {
  const reply: InspectionReply = { id, inspection: await inspectPhotograph(path, wanted) };
  parentPort!.postMessage(reply);
});
