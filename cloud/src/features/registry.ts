import { BlobFolder } from '../adapters/blob-folder.ts';
import { addPruneRoutes } from '../adapters/http/prune-routes.ts';
import { addRegistryRoutes } from '../adapters/http/registry-routes.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** Aliases, log and removal of models, the project's targets, and what stations were told to run. */
export function startRegistry({ dataFolder, stores, clock }: FeatureContext): Feature {
  const blobs = new BlobFolder(dataFolder);
  return {
    addRoutes(app) {
      addRegistryRoutes(app, { ...stores, clock });
      addPruneRoutes(app, { ...stores, blobs, clock });
    },
  };
}
