import './no-telemetry.ts';
import { Worker } from 'node:worker_threads';
import {
  type FromShadow,
  type OfferedFruit,
  type ShadowMemory,
  ShadowPlaces,
  type ShadowSetup,
  shadowMemory,
} from '../domain/shadow-messages.ts';
import type { ShadowRun } from '../use-cases/run-shadow.ts';

export interface ShadowWorkerData {
  readonly setup: ShadowSetup;
  readonly memory: ShadowMemory;
}

export type ToShadow = { readonly kind: 'fruit'; readonly fruit: OfferedFruit } | { readonly kind: 'stop' };

export interface ShadowThreadOptions {
  /** Where decided fruit is handed over; undefined: nowhere any more. */
  readonly offerTo: (memory: ShadowMemory | undefined) => void;
  readonly onMessage: (message: FromShadow) => void;
  /** The worker's built file; default the one beside this package's build. */
  readonly workerFile?: URL;
}

/** What it has of its own beside the model, which is native memory. */
const heapMbMax = 48;
const stopTimeoutMs = 1_000;

/** The main thread's hand on the thread in which a candidate runs silently. One that ends by itself is not started again here. */
export function openShadowThread(setup: ShadowSetup, options: ShadowThreadOptions): ShadowRun {
  const { offerTo, onMessage, workerFile = new URL('../shadow-worker.js', import.meta.url) } = options;
  const memory = shadowMemory(setup.champion.ref, setup.champion.inputSize);
  const places = new ShadowPlaces(memory);
  const worker = new Worker(workerFile, {
    workerData: { setup, memory } satisfies ShadowWorkerData,
    resourceLimits: { maxOldGenerationSizeMb: heapMbMax, maxYoungGenerationSizeMb: 8 },
  });
  let cause = 'it ended by itself';
  worker.on('error', (error) => {
    cause = error instanceof Error ? error.message : String(error);
  });
  worker.on('message', (message: FromShadow) => {
    if (message.kind === 'running') offerTo(memory);
    onMessage(message);
  });
  const ended = new Promise<string>((resolve) => {
    worker.once('exit', () => {
      offerTo(undefined);
      resolve(cause);
    });
  });
  const post = (message: ToShadow): void => worker.postMessage(message);
  return {
    ended,
    offered: (fruit) => post({ kind: 'fruit', fruit }),
    passedOver: () => places.passedOver,
    async stop() {
      offerTo(undefined);
      post({ kind: 'stop' });
      const timer = setTimeout(() => void worker.terminate(), stopTimeoutMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
