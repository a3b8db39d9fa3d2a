import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '@pomona/release';
import { systemErrorCode } from '@pomona/wire';
import { datasetError } from '../../domain/dataset-errors.ts';
import { cropsFile, readDatasetFile } from './dataset-folder.ts';

/** Some crops of a version by their digests, without reading the others; those that it does not have are left out. Throws `dataset-damaged`. */
export async function readCrops(
  folder: string,
  digests: readonly string[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const { images, inputSize } = await readDatasetFile(folder);
  const bytes = inputSize ** 2 * 3;
  const crops = new Map<string, Uint8Array>();
  const file = await open(join(folder, cropsFile)).catch((cause: unknown) => {
    if (systemErrorCode(cause) === undefined) throw cause;
    throw datasetError('dataset-damaged', `${cropsFile} in ${folder} cannot be read`, cause);
  });
  try {
    for (const digest of digests) {
      const at = images.findIndex((image) => image.digest === digest);
      if (at === -1) continue;
      const crop = new Uint8Array(bytes);
      await file.read(crop, 0, bytes, at * bytes);
      if (digestOf(crop) !== digest)
        throw datasetError('dataset-damaged', `image ${at} of ${cropsFile} in ${folder} was changed`);
      crops.set(digest, crop);
    }
  } finally {
    await file.close();
  }
  return crops;
}
