/** A worker thread that looks at photographs, one at a time, for `adapters/predictor.ts`. */
import { parentPort } from 'node:worker_threads';
import sharp from 'sharp';
import { lookAtPhotograph } from './adapters/look-at-photograph.ts';
import type { PredictionJob } from './domain/prediction-job.ts';

sharp.concurrency(1);
sharp.cache(false);

let last: Promise<void> = Promise.resolve();
parentPort!.on('message', (job: PredictionJob) => {
  last = last.then(async () => {
    parentPort!.postMessage({ id: job.id, ...(await lookAtPhotograph(job)) });
  });
});
