import { Worker } from 'node:worker_threads';
import { AppError } from '@pomona/wire';
import type { PhotographedFruit } from './photographed-fruit.ts';
import type { FromPhotographs } from './photographed-worker.ts';

/** What `readPhotographedFruit` gives, by a thread of its own: a photograph takes 40 ms of a fast core, and there may be hundreds. */
export function readPhotographedFruitAside(
  folder: string,
  onLeftOut: (path: string, reason: string) => void,
  workerFile = new URL('./photographed-worker.js', import.meta.url),
): Promise<readonly PhotographedFruit[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerFile, { workerData: folder });
    worker.on('message', (said: FromPhotographs) => {
      if (said.kind === 'left-out') onLeftOut(said.path, said.reason);
      else if (said.kind === 'read') resolve(said.fruits);
      else reject(new AppError(said.code, said.message, { hint: said.hint }));
    });
    worker.on('error', reject);
    // Of no effect after it has answered.
    worker.on('exit', (code) => reject(new Error(`the thread that cuts out photographs ended with ${code}`)));
  });
}
