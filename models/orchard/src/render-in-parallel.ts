import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type FruitViews, fruitsPerSession, type RenderViewsOptions } from './render-views.ts';
import type { RenderedPart } from './render-worker.ts';

/** Whole sessions, so that a part is the same whoever renders it. */
const partFruits = 8 * fruitsPerSession;

/**
 * What `renderViews` yields, in the same order, made by several threads. At most one part per thread waits to be taken;
 * the threads end when the caller does.
 */
export async function* renderViewsInParallel(
  options: Omit<RenderViewsOptions, 'firstFruit' | 'onProgress'>,
  threads: number,
  workerFile = new URL('./render-worker.js', import.meta.url),
): AsyncGenerator<FruitViews> {
  const parts = Math.ceil(options.fruits / partFruits);
  const workers = Array.from({ length: Math.min(threads, parts) }, () => new Worker(workerFile));
  const pending = new Map<number, Promise<RenderedPart>>();
  const order = (part: number): void => {
    if (part >= parts) return;
    const firstFruit = part * partFruits;
    const fruits = Math.min(partFruits, options.fruits - firstFruit);
    const worker = workers[part % workers.length]!;
    const answer = once(worker, 'message').then(([message]) => message as RenderedPart);
    // Awaited below; a part that fails before its turn must not count as unhandled.
    answer.catch(() => undefined);
    pending.set(part, answer);
    worker.postMessage({ ...options, fruits, firstFruit });
  };
  try {
    for (let part = 0; part < workers.length; part++) order(part);
    for (let part = 0; part < parts; part++) {
      const { fruits } = await pending.get(part)!;
      pending.delete(part);
      order(part + workers.length);
      yield* fruits;
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
