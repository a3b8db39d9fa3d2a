import { BlobFolder } from '../adapters/blob-folder.ts';
import { BlobPhotographs } from '../adapters/dataset/blob-photographs.ts';
import { DatasetFolderStore, datasetFolderOf, readDataset } from '../adapters/dataset/dataset-folder.ts';
import { addDatasetRoutes } from '../adapters/http/dataset-routes.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** Photographs become dataset versions, and what is in their quarantine can be accepted. */
export function startDatasets({ dataFolder, stores, clock }: FeatureContext): Feature {
  const store = new DatasetFolderStore(dataFolder);
  return {
    addRoutes: (app) =>
      addDatasetRoutes(app, {
        ...{ store, clock, datasets: stores.datasets },
        read: ({ name, digest }) => readDataset(datasetFolderOf(dataFolder, name, digest)),
        photographs: new BlobPhotographs(new BlobFolder(dataFolder).folder),
      }),
  };
}
