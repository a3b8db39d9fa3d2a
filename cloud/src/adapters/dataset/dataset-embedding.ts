import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { readIfPresent, writeFileDurably } from '@pomona/release';
import { describeStandardise, type ModelView } from '@pomona/wire';
import { datasetError } from '../../domain/dataset-errors.ts';
import type { EmbeddingAnswer, EmbeddingJob } from '../../domain/embedding-job.ts';
import { areEmbeddingColumns } from '../../domain/embedding-set.ts';
import { filesRemoved } from '../../use-cases/files-removed.ts';
import type { EmbeddingFigures } from '../../use-cases/read-features.ts';
import { modelFileOf, unreadableModel } from '../model-file.ts';
import { datasetFolderOf, readDatasetFile } from './dataset-folder.ts';
import { packFigures, unpackFigures } from './kept-figures.ts';

/**
 * What networks make of dataset versions: computed once in a thread of its own, one after the other, and kept beside the version's crops under the model's
 * digest. Neither ever changes, so that what is kept outlives the model's files.
 */
export class DatasetEmbeddings {
  readonly #dataFolder: string;
  readonly #workerFile: URL;
  #last: Promise<unknown> = Promise.resolve();

  constructor(dataFolder: string, workerFile = new URL('../../embedding-worker.js', import.meta.url)) {
    this.#dataFolder = dataFolder;
    this.#workerFile = workerFile;
  }

  /** Errors: `dataset-damaged`, `files-removed`, `model-unreadable`. */
  read(
    version: { readonly name: string; readonly digest: string },
    model: ModelView,
  ): Promise<EmbeddingFigures> {
    const folder = datasetFolderOf(this.#dataFolder, version.name, version.digest);
    const reading = this.#last.then(() => this.#readOrCompute(folder, model));
    // Whoever asked hears of a failure; the next begins all the same.
    this.#last = reading.catch(() => {});
    return reading;
  }

  async #readOrCompute(folder: string, model: ModelView): Promise<EmbeddingFigures> {
    const file = await readDatasetFile(folder);
    const path = join(folder, `features-embedding@${model.digest}.figures`);
    const bytes = await readIfPresent(path);
    const kept = bytes && unpackFigures(bytes, file.images.length);
    if (kept && areEmbeddingColumns(kept.columns)) return { file, ...kept };
    if (model.filesRemovedAt !== undefined) throw filesRemoved(model);
    const { modelFile, inputSize, standardise } = await modelFileOf(this.#dataFolder, model);
    if (inputSize !== file.inputSize)
      throw unreadableModel(
        model,
        `it wants crops of ${inputSize} pixels a side, these have ${file.inputSize}`,
      );
    const [wanted, own] = [standardise, file.standardise].map(describeStandardise);
    if (wanted !== own)
      throw unreadableModel(model, `it wants crops with colours ${wanted}, these have them ${own}`);
    const answer = await this.#ask({ folder, modelFile });
    if (!answer.ok)
      throw answer.code === 'dataset-damaged'
        ? datasetError('dataset-damaged', answer.reason)
        : unreadableModel(model, answer.reason);
    const { columns, rows } = answer;
    await writeFileDurably(path, packFigures({ columns, rows }));
    return { file, columns, rows };
  }

  #ask(job: EmbeddingJob): Promise<EmbeddingAnswer> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(this.#workerFile, { workerData: job });
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`the thread ended with ${code} and gave no embedding`)));
    });
  }
}
