import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { trainingError } from '../domain/errors.ts';
import type { CheckpointStore } from '../use-cases/checkpoint.ts';

/** A checkpoint in a file that is there whole or as it was. */
export class CheckpointFile implements CheckpointStore {
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
    } catch (error) {
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
