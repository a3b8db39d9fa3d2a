import { BlobFolder } from '../adapters/blob-folder.ts';
import { BlobPhotographs } from '../adapters/dataset/blob-photographs.ts';
import {
  DatasetFolderStore,
  datasetFolderOf,
  readDataset,
  readDatasetFile,
} from '../adapters/dataset/dataset-folder.ts';
import { PhotographFolder } from '../adapters/dataset/photograph-folder.ts';
import { UploadFolder } from '../adapters/dataset/upload-folder.ts';
import { addDatasetRoutes } from '../adapters/http/dataset-routes.ts';
import { Uploads } from '../use-cases/upload-photographs.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** Photographs become dataset versions, and what is in their quarantine can be accepted. */
export async function startDatasets({ dataFolder, stores, clock, logger }: FeatureContext): Promise<Feature> {
  const { datasets, project } = stores;
  const store = new DatasetFolderStore(dataFolder);
  const blobs = new BlobFolder(dataFolder);
  const folderOf = ({ name, digest }: { readonly name: string; readonly digest: string }) =>
    datasetFolderOf(dataFolder, name, digest);
  const place = new UploadFolder(dataFolder);
  await place.clear();
  const uploads = new Uploads({
    ...{ store, clock, logger, datasets, project, place },
    photographs: new PhotographFolder(blobs),
    readFile: (view) => readDatasetFile(folderOf(view)),
  });
  return {
    addRoutes: (app) =>
      addDatasetRoutes(app, {
        ...{ store, clock, datasets, uploads },
        read: (view) => readDataset(folderOf(view)),
        photographs: new BlobPhotographs(blobs.folder),
      }),
    stop: () => uploads.stop(),
  };
}
