import type { Readable } from 'node:stream';
import { AppError, type Clock, isAppError, type UploadRequest, type UploadView } from '@pomona/wire';
import { datasetError } from '../domain/dataset-errors.ts';
import { diskFull } from '../domain/disk-full.ts';
import type { ImportDatasetPorts } from './import-dataset.ts';
import { importSorted, type KeepingPorts, type ProjectDatasets } from './import-photographs.ts';
import { importUnsorted } from './import-unsorted.ts';
import type { Logger } from './ports.ts';
import type { ImportProgress } from './verify-photographs.ts';

export interface ReceivedUpload {
  readonly bytes: number;
  /** Resolves with the folder in which the photographs are. */
  unpack(): Promise<string>;
  /** What was received and unpacked; what was imported stays. */
  remove(): Promise<void>;
}

export interface UploadPlace {
  receive(body: Readable, signal: AbortSignal): Promise<ReceivedUpload>;
}

export interface UploadPorts extends ImportDatasetPorts, ProjectDatasets, KeepingPorts {
  readonly place: UploadPlace;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** So many are remembered, the last ones. */
const uploadsKept = 20;

/**
 * ZIP files of photographs that become dataset versions, one at a time: an import takes all cores. They are known while this
 * program runs; one that was not done when it ended has to be sent again, and nothing is left of it.
 */
export class Uploads {
  readonly #ports: UploadPorts;
  readonly #stop = new AbortController();
  readonly #views = new Map<number, UploadView>();
  #count = 0;
  #isBusy = false;
  #work: Promise<void> = Promise.resolve();

  constructor(ports: UploadPorts) {
    this.#ports = ports;
  }

  find(name: string, id: number): UploadView | undefined {
    const view = this.#views.get(id);
    return view?.name === name ? view : undefined;
  }

  /**
   * Resolves when the archive is here; what becomes of it is in its view. Errors: `upload-busy`, `zip-too-large`,
   * `dataset-not-written`, `upload-broken`.
   */
  async begin(request: UploadRequest, by: string, body: Readable): Promise<UploadView> {
    if (this.#isBusy) throw datasetError('upload-busy', 'another upload is being imported');
    this.#isBusy = true;
    try {
      const received = await this.#receive(body);
      const id = ++this.#count;
      this.#views.set(id, {
        ...{ id, name: request.name, file: request.file, by, bytes: received.bytes, state: 'unpacking' },
        ...{ at: new Date(this.#ports.clock.nowMs()).toISOString(), done: 0, total: 0, quarantined: 0 },
        ...{ dataset: null, waiting: null, notes: [], problem: null },
      });
      for (const old of [...this.#views.keys()].slice(0, -uploadsKept)) this.#views.delete(old);
      this.#work = this.#import(id, request, by, received);
      return this.#views.get(id)!;
    } catch (error) {
      this.#isBusy = false;
      throw error;
    }
  }

  /** Ends what is being done, and waits for that. */
  async stop(): Promise<void> {
    this.#stop.abort(new AppError('upload-broken', 'the control plane stops', { hint: 'Send it again.' }));
    await this.#work;
  }

  async #receive(body: Readable): Promise<ReceivedUpload> {
    try {
      return await this.#ports.place.receive(body, this.#stop.signal);
    } catch (error) {
      if (isAppError(error)) throw error;
      throw datasetError('upload-broken', 'the upload ended before all of it was here', error);
    }
  }

  async #import(id: number, request: UploadRequest, by: string, received: ReceivedUpload): Promise<void> {
    const outcome = await this.#outcome(id, request, by, received);
    await received.remove().catch((error: unknown) => {
      this.#ports.logger.error({ err: error, upload: id }, 'an upload could not be removed');
    });
    // Whoever sees that it is over may send the next.
    this.#isBusy = false;
    this.#change(id, outcome);
  }

  async #outcome(
    id: number,
    request: UploadRequest,
    by: string,
    received: ReceivedUpload,
  ): Promise<Partial<UploadView>> {
    const { name, grades: labels, size: inputSize, seed, file, standardise } = request;
    const { signal } = this.#stop;
    try {
      const folder = await received.unpack();
      this.#change(id, { state: 'verifying' });
      const asked = {
        ...{ folder, name, labels, inputSize, standardise, by, signal },
        onProgress: ({ done, total, quarantined }: ImportProgress) =>
          this.#change(id, { done, total, quarantined }),
      };
      if (request.isUnsorted) {
        const ports = { ...this.#ports, store: this.#ports.kept };
        const { added, known, quarantined, notes } = await importUnsorted(ports, asked);
        const waiting = { added, known };
        return { state: 'done', waiting, notes: [...notes], quarantined: quarantined.length };
      }
      const { view, notes } = await importSorted(this.#ports, { ...asked, seed, source: file });
      return { state: 'done', dataset: view, notes: [...notes], quarantined: view.quarantined.length };
    } catch (error) {
      const expected = isAppError(error) ? error : diskFull(error);
      const known =
        expected ??
        new AppError('internal', 'the import failed', { hint: 'Look at the log of the control plane.' });
      if (expected === undefined)
        this.#ports.logger.error({ err: error, upload: id }, 'an upload could not be imported');
      const { code, message, hint } = known;
      return { state: 'failed', problem: { code, message, hint } };
    }
  }

  #change(id: number, change: Partial<UploadView>): void {
    const view = this.#views.get(id);
    if (view !== undefined) this.#views.set(id, { ...view, ...change });
  }
}
