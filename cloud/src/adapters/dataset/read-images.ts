import { isAppError, systemErrorCode } from '@pomona/wire';
import type { SeenPorts } from '../../use-cases/seen-images.ts';
import { datasetFolderOf, readDatasetFile } from './dataset-folder.ts';

/** The images of dataset versions in a data folder; undefined of one that is not there. */
export function imagesIn(dataFolder: string): SeenPorts['readImages'] {
  return async ({ name, digest }) => {
    try {
      return (await readDatasetFile(datasetFolderOf(dataFolder, name, digest))).images;
    } catch (error) {
      if (isAppError(error) && systemErrorCode(error.cause) === 'ENOENT') return undefined;
      throw error;
    }
  };
}
