import { mkdirSync, rmSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { trainingError } from '../domain/errors.ts';

/**
 * The output folder. Files are first written into a folder of their own inside it, flushed, and then moved to their
 * names one by one, so that nobody ever sees half a file.
 */
export class ArtifactFolder {
  readonly #folder: string;
  readonly #partial: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#partial = join(folder, '.partial');
  }

  /** Fails early when the folder cannot be written. */
  prepare(): void {
    try {
      rmSync(this.#partial, { recursive: true, force: true });
      mkdirSync(this.#partial, { recursive: true });
    } catch (error) {
      throw unwritable(this.#folder, error);
    }
  }

  /** Writes all files; the last one appears last. */
  async write(files: ReadonlyMap<string, Uint8Array | string>): Promise<void> {
    try {
      await mkdir(this.#partial, { recursive: true });
      for (const [name, content] of files) await writeFlushed(join(this.#partial, name), content);
      for (const name of files.keys()) await rename(join(this.#partial, name), join(this.#folder, name));
      await flushFolder(this.#folder);
    } catch (error) {
      throw unwritable(this.#folder, error);
    } finally {
      this.discard();
    }
  }

  /** Removes what was not finished. Synchronous, for use while the process ends. */
  discard(): void {
    rmSync(this.#partial, { recursive: true, force: true });
  }
}

async function writeFlushed(path: string, content: Uint8Array | string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** So that what was renamed in it is there after a loss of power. */
export async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function unwritable(folder: string, error: unknown): Error {
  return trainingError('output-unwritable', `cannot write to ${folder}: ${(error as Error).message}`, error);
}
