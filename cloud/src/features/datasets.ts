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
import { freezePhotographs } from '../use-cases/freeze-photographs.ts';
import { Uploads } from '../use-cases/upload-photographs.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** Photographs become dataset versions, and what is in their quarantine can be accepted. */
export async function startDatasets({ dataFolder, stores, clock, logger }: FeatureContext): Promise<Feature> {
  const { datasets, project, photographs: kept } = stores;
  const store = new DatasetFolderStore(dataFolder);
  const blobs = new BlobFolder(dataFolder);
  const folderOf = ({ name, digest }: { readonly name: string; readonly digest: string }) =>
    datasetFolderOf(dataFolder, name, digest);
  const place = new UploadFolder(dataFolder);
  await place.clear();
  const readFile = (view: { readonly name: string; readonly digest: string }) =>
    readDatasetFile(folderOf(view));
  const uploads = new Uploads({
    ...{ store, clock, logger, datasets, project, place, blobs, kept, readFile },
    photographs: new PhotographFolder(blobs),
  });
  const photographs = new BlobPhotographs(blobs.folder);
  return {
    addRoutes: (app) =>
      addDatasetRoutes(app, {
        ...{ store, clock, datasets, uploads, waiting: kept },
        read: (view) => readDataset(folderOf(view)),
        photographs,
        counts: () => kept.counts(),
        freeze: (request) =>
          freezePhotographs(
            {
              ...{ store, clock, datasets, project, readFile, labelled: kept, kept: photographs },
              readBlob: (digest) => blobs.read(digest),
            },
            request,
          ),
      }),
    stop: () => uploads.stop(),
  };
}
