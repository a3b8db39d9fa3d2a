/** A worker thread that runs a network over all images of a dataset version, for `adapters/dataset/dataset-embedding.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { embedDataset } from './adapters/dataset/embed-dataset.ts';
import type { EmbeddingJob } from './domain/embedding-job.ts';

const answer = await embedDataset(workerData as EmbeddingJob);
parentPort!.postMessage(answer, answer.ok ? [answer.rows.buffer] : []);
