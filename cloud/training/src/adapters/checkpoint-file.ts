import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { trainingError } from '../domain/errors.ts';
import type { CheckpointStore } from '../use-cases/checkpoint.ts';
import { flushFolder } from './artifact-folder.ts';

/** What a kill costs at most, besides the epoch that it falls into. */
const intervalMs = 5_000;

/** A checkpoint in a file that is there whole or as it was. */
export class CheckpointFile implements CheckpointStore {
  readonly intervalMs = intervalMs;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw unusable(this.#path, error);
    }
  }

  async save(bytes: Uint8Array): Promise<void> {
    // Two processes may train the same at the same time.
    const partial = `${this.#path}.${process.pid}.partial`;
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      const file = await open(partial, 'w');
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(partial, this.#path);
      await flushFolder(dirname(this.#path));
    } catch (error) {
      await rm(partial, { force: true });
      throw unusable(this.#path, error);
    }
  }

  /** When the training is done. */
  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}

function unusable(path: string, error: unknown): Error {
  return trainingError('checkpoint-unusable', `cannot use ${path}: ${(error as Error).message}`, error);
}
