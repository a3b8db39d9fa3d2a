import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@pomona/wire';
import type { FreezeSamplesPorts } from '../../use-cases/freeze-samples.ts';
import { DatasetFolderStore, datasetFolderOf, readDataset, readDefectMaps } from './dataset-folder.ts';

/** Of a data folder. */
export function freezingPorts(dataFolder: string, clock: Clock): Omit<FreezeSamplesPorts, 'models'> {
  return {
    store: new DatasetFolderStore(dataFolder),
    clock,
    async readBase({ name, digest }) {
      const folder = datasetFolderOf(dataFolder, name, digest);
      const { file, crops } = await readDataset(folder);
      return { file, crops, maps: file.defectCells === undefined ? undefined : await readDefectMaps(folder) };
    },
    readPixels: ({ pixels }) => readFile(join(dataFolder, 'blobs', pixels)),
  };
}
