import { Worker } from 'node:worker_threads';
import { AppError, type ModelView } from '@pomona/wire';
// On Linux the library must be loaded before any thread loads it, or it is unloaded with the first thread that ends.
import 'sharp';
import { photographHint } from '../domain/photograph-faults.ts';
import type { CropView, PhotographView, PredictionJob, PredictionReply } from '../domain/prediction-job.ts';
import { modelFileOf, unreadableModel } from './model-file.ts';

/** Pictures that may wait; each takes a fraction of a second. */
const waitingMax = 32;
const timeoutMs = 20_000;

interface Waiting {
  readonly resolve: (reply: PredictionReply) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

type Wanted = { readonly photograph: Uint8Array; readonly minScore: number } | { readonly crop: Uint8Array };

/** Looks at pictures in a worker thread, which is started with the first of them. */
export class Predictor {
  readonly #dataFolder: string;
  readonly #workerFile: URL;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 0;

  constructor(dataFolder: string, workerFile = new URL('../predict-worker.js', import.meta.url)) {
    this.#dataFolder = dataFolder;
    this.#workerFile = workerFile;
  }

  /** Errors: those of `PhotographFault`, `model-unreadable`, `prediction-slow`. */
  async look(model: ModelView, photograph: Uint8Array, minScore: number): Promise<PhotographView> {
    return (await this.#look(model, { photograph, minScore })) as PhotographView;
  }

  /** As `look`, of a crop as it is in a dataset of the model's: uint8 [size, size, 3]. */
  lookAtCrop(model: ModelView, crop: Uint8Array): Promise<CropView> {
    return this.#look(model, { crop });
  }

  async #look(model: ModelView, wanted: Wanted): Promise<CropView> {
    const { modelFile, inputSize, standardise } = await modelFileOf(this.#dataFolder, model);
    if ('crop' in wanted && wanted.crop.byteLength !== inputSize ** 2 * 3)
      throw unreadableModel(model, `it wants crops of ${inputSize} pixels a side`);
    const reply = await this.#ask((id) => ({
      ...{ id, modelFile, inputSize, standardise, labels: model.labels },
      ...wanted,
    }));
    if (reply.ok) return reply.view;
    if (reply.code === 'model-unreadable') throw unreadableModel(model, reply.reason);
    const message =
      reply.code === 'no-fruit' ? reply.reason : `the photograph cannot be read: ${reply.reason}`;
    throw new AppError(reply.code, message, { hint: photographHint(reply.code) });
  }

  async stop(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    this.#fail(slow('the control plane stops'));
    await worker?.terminate();
  }

  #ask(jobOf: (id: number) => PredictionJob): Promise<PredictionReply> {
    if (this.#waiting.size >= waitingMax) throw slow(`${waitingMax} pictures wait already`);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(), timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#worker ??= this.#start();
      this.#worker.postMessage(jobOf(id));
    });
  }

  #start(): Worker {
    const worker = new Worker(this.#workerFile);
    worker.unref();
    worker.on('message', (reply: PredictionReply) => {
      const waiting = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      clearTimeout(waiting?.timer);
      waiting?.resolve(reply);
    });
    worker.on('error', (error) => {
      if (this.#worker === worker) this.#worker = undefined;
      this.#fail(error);
    });
    return worker;
  }

  /** A picture that holds up the thread takes those behind it along; the next one gets a new thread. */
  #giveUp(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
    this.#fail(slow(`it took longer than ${timeoutMs / 1000} s`));
  }

  #fail(error: unknown): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }
}

function slow(why: string): AppError {
  return new AppError('prediction-slow', `the picture was not looked at: ${why}`, {
    hint: 'Try again in a moment.',
    retryable: true,
  });
}
