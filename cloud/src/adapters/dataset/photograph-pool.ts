import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
// On Linux the library must be loaded before any thread loads it, or it is unloaded with the first thread that ends.
import 'sharp';
import { datasetError } from '../../domain/dataset-errors.ts';
import type { CropWanted, Inspection } from '../../use-cases/dataset-ports.ts';

export interface InspectionJob extends CropWanted {
  readonly id: number;
  readonly path: string;
}

export interface InspectionReply {
  readonly id: number;
  readonly inspection: Inspection;
}

export interface PhotographPoolOptions {
  /** Default: one per core, at most 8. */
  readonly threads?: number;
  /** The worker's built file; default the one beside this package's build. */
  readonly workerFile?: URL;
}

const threadsMax = 8;
/** How far ahead of the reader the threads may be, per thread. */
const aheadPerThread = 4;

/** Inspects photographs in worker threads. One answer per path, in their order. */
export async function* inspectInPool(
  paths: readonly string[],
  { inputSize, standardise }: CropWanted,
  signal: AbortSignal,
  options: PhotographPoolOptions = {},
): AsyncGenerator<Inspection> {
  signal.throwIfAborted();
  const threads = Math.min(options.threads ?? Math.min(availableParallelism(), threadsMax), paths.length);
  const pool = new PhotographPool(threads, options.workerFile);
  const abort = () => pool.fail(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    let sent = 0;
    for (let id = 0; id < paths.length; id++) {
      for (; sent < paths.length && sent < id + threads * aheadPerThread; sent++)
        pool.send({ id: sent, path: paths[sent]!, inputSize, standardise });
      yield await pool.reply(id);
    }
  } finally {
    signal.removeEventListener('abort', abort);
    await pool.stop();
  }
}

class PhotographPool {
  readonly #workers: readonly Worker[];
  readonly #idle: Worker[];
  readonly #queue: InspectionJob[] = [];
  readonly #running = new Map<Worker, InspectionJob>();
  readonly #replies = new Map<number, Inspection>();
  #failure: { readonly error: unknown } | undefined;
  #awaited:
    | { readonly id: number; resolve: (inspection: Inspection) => void; reject: (error: unknown) => void }
    | undefined;

  constructor(threads: number, workerFile = new URL('../../photograph-worker.js', import.meta.url)) {
    this.#workers = Array.from({ length: threads }, () => this.#startWorker(workerFile));
    this.#idle = [...this.#workers];
  }

  send(job: InspectionJob): void {
    this.#queue.push(job);
    this.#dispatch();
  }

  reply(id: number): Promise<Inspection> {
    if (this.#failure) return Promise.reject(this.#failure.error);
    const known = this.#replies.get(id);
    this.#replies.delete(id);
    if (known) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      this.#awaited = { id, resolve, reject };
    });
  }

  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#awaited?.reject(error);
    this.#awaited = undefined;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #startWorker(workerFile: URL): Worker {
    const worker = new Worker(workerFile);
    worker.on('message', ({ id, inspection }: InspectionReply) => {
      this.#running.delete(worker);
      this.#idle.push(worker);
      this.#dispatch();
      if (this.#awaited?.id === id) {
        this.#awaited.resolve(inspection);
        this.#awaited = undefined;
      } else {
        this.#replies.set(id, inspection);
      }
    });
    worker.on('error', (error) => {
      const path = this.#running.get(worker)?.path ?? 'a photograph';
      this.fail(datasetError('photograph-inspection-crashed', `${path}: ${error.message}`, error));
    });
    return worker;
  }

  #dispatch(): void {
    while (this.#idle.length > 0 && this.#queue.length > 0) {
      const worker = this.#idle.pop()!;
      const job = this.#queue.shift()!;
      this.#running.set(worker, job);
      worker.postMessage(job);
    }
  }
}
