import { BlobFolder } from '../adapters/blob-folder.ts';
import { datasetFolderOf, findImages } from '../adapters/dataset/dataset-folder.ts';
import { explainingPorts } from '../adapters/explaining-ports.ts';
import { addLineageRoute } from '../adapters/http/lineage-route.ts';
import { addPruneRoutes } from '../adapters/http/prune-routes.ts';
import { addRegistryRoutes } from '../adapters/http/registry-routes.ts';
import { pictureWorst } from '../adapters/picture-worst.ts';
import type { Predictor } from '../adapters/predictor.ts';
import { finishRemovals } from '../use-cases/finish-removals.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** Aliases, log and removal of models, the project's targets, and what stations were told to run. */
export async function startRegistry(
  { dataFolder, stores, clock, logger }: FeatureContext,
  predictor: Predictor,
): Promise<Feature> {
  const blobs = new BlobFolder(dataFolder);
  const files = await finishRemovals({ ...stores, blobs });
  if (files > 0) logger.info({ files }, 'removed files whose removal was cut off');
  const explaining = explainingPorts(dataFolder, predictor);
  return {
    addRoutes(app) {
      addRegistryRoutes(app, {
        ...stores,
        ...{ clock, pictureWorst: (model) => pictureWorst(explaining, model) },
      });
      addLineageRoute(app, {
        ...stores,
        findImages: ({ name, digest }, text, fits) =>
          findImages(datasetFolderOf(dataFolder, name, digest), text, fits),
      });
      addPruneRoutes(app, { ...stores, blobs, clock });
    },
  };
}
