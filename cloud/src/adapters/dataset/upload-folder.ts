import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '@pomona/release';
import { systemErrorCode } from '@pomona/wire';
import { datasetError } from '../../domain/dataset-errors.ts';
import type { ReceivedUpload, UploadPlace } from '../../use-cases/upload-photographs.ts';
import { unpackZip } from './unpack-zip.ts';

export const zipBytesMax = 2 * 1024 ** 3;

/** Archives while they are received, unpacked and imported: `uploads/` in the data folder, empty at every start. */
export class UploadFolder implements UploadPlace {
  readonly #folder: string;
  readonly #bytesMax: number;

  constructor(dataFolder: string, bytesMax = zipBytesMax) {
    this.#folder = join(dataFolder, 'uploads');
    this.#bytesMax = bytesMax;
  }

  async clear(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  async receive(body: Readable, signal: AbortSignal): Promise<ReceivedUpload> {
    // A line that goes dead before the pipeline stands is told by the pipeline.
    body.once('error', () => undefined);
    const folder = await this.#makeFolder();
    const file = join(folder, 'photographs.zip');
    try {
      await pipeline(body, countBytes(this.#bytesMax), createWriteStream(file, { flags: 'wx' }), { signal });
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      const code = systemErrorCode(error);
      if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EIO')
        throw datasetError('dataset-not-written', `the archive could not be kept (${code})`, error);
      throw error;
    }
    return {
      bytes: (await stat(file)).size,
      unpack: async () => {
        const unpacked = join(folder, 'unpacked');
        await mkdir(unpacked).catch(refuseFolder);
        const root = await unpackZip(file, unpacked, signal);
        await rm(file);
        return root;
      },
      remove: () => rm(folder, { recursive: true, force: true }),
    };
  }

  async #makeFolder(): Promise<string> {
    try {
      await makeFolder(this.#folder);
      return await mkdtemp(join(this.#folder, 'upload-'));
    } catch (error) {
      return refuseFolder(error);
    }
  }
}

function refuseFolder(error: unknown): never {
  const code = systemErrorCode(error);
  if (code === undefined) throw error;
  throw datasetError('dataset-not-written', `there can be no folder for the archive (${code})`, error);
}

function countBytes(bytesMax: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > bytesMax)
        done(datasetError('zip-too-large', `the archive has more than ${bytesMax} bytes`));
      else done(null, chunk);
    },
  });
}
