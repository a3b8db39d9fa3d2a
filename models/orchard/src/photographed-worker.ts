/** A thread of `readPhotographedFruitAside`: cuts out the fruit of a folder, and hands it over. */
import { parentPort, workerData } from 'node:worker_threads';
import { isAppError } from '@pomona/wire';
import { type PhotographedFruit, readPhotographedFruit } from './photographed-fruit.ts';

export type FromPhotographs =
  | { readonly kind: 'left-out'; readonly path: string; readonly reason: string }
  | { readonly kind: 'read'; readonly fruits: readonly PhotographedFruit[] }
  /** An `AppError`, which would arrive without its code and hint. */
  | { readonly kind: 'failed'; readonly code: string; readonly message: string; readonly hint: string };

try {
  const fruits = await readPhotographedFruit(workerData as string, (path, reason) =>
    say({ kind: 'left-out', path, reason }),
  );
  say({ kind: 'read', fruits });
} catch (error) {
  if (!isAppError(error)) throw error;
  const { code, message, hint } = error;
  say({ kind: 'failed', code, message, hint });
}

function say(message: FromPhotographs): void {
  parentPort!.postMessage(message);
}
