import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '@pomona/wire';
import type { ListedPhotograph } from '../../domain/dataset-index.ts';
import type {
  CropWanted,
  Inspection,
  PhotographListing,
  Photographs,
} from '../../use-cases/dataset-ports.ts';
import { inspectInPool, type PhotographPoolOptions } from './photograph-pool.ts';

interface KeptPhotograph extends ListedPhotograph {
  /** SHA-256, by which it was kept. */
  readonly original: string;
}

/** Photographs that were imported before, as they were kept; of those that are listed, by their paths. */
export class BlobPhotographs implements Photographs {
  readonly #folder: string;
  readonly #kept: readonly KeptPhotograph[];
  readonly #originals: ReadonlyMap<string, string>;
  readonly #pool: PhotographPoolOptions;

  constructor(blobFolder: string, kept: readonly KeptPhotograph[] = [], pool: PhotographPoolOptions = {}) {
    this.#folder = blobFolder;
    this.#kept = kept;
    this.#originals = new Map(kept.map(({ path, original }) => [path, original]));
    this.#pool = pool;
  }

  async list(): Promise<PhotographListing> {
    return { photographs: this.#kept, isGrouped: true };
  }

  async digest(_folder: string, path: string): Promise<{ digest: string } | { reason: string }> {
    const digest = this.#originals.get(path) ?? path;
    try {
      await stat(join(this.#folder, digest));
    } catch (error) {
      if (systemErrorCode(error) === undefined) throw error;
      return { reason: `its photograph is not kept any more (${systemErrorCode(error)})` };
    }
    return { digest };
  }

  /** A path that is not listed is the SHA-256 itself. */
  inspect(
    _folder: string,
    paths: readonly string[],
    wanted: CropWanted,
    signal: AbortSignal,
  ): AsyncIterable<Inspection> {
    const files = paths.map((path) => join(this.#folder, this.#originals.get(path) ?? path));
    return inspectInPool(files, wanted, signal, this.#pool);
  }

  async keep(): Promise<boolean> {
    return true;
  }
}
