import { BlobFolder } from '../adapters/blob-folder.ts';
import { explainingPorts } from '../adapters/explaining-ports.ts';
import { addPruneRoutes } from '../adapters/http/prune-routes.ts';
import { addRegistryRoutes } from '../adapters/http/registry-routes.ts';
import { pictureWorst } from '../adapters/picture-worst.ts';
import type { Predictor } from '../adapters/predictor.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** Aliases, log and removal of models, the project's targets, and what stations were told to run. */
export function startRegistry({ dataFolder, stores, clock }: FeatureContext, predictor: Predictor): Feature {
  const blobs = new BlobFolder(dataFolder);
  const explaining = explainingPorts(dataFolder, predictor);
  return {
    addRoutes(app) {
      addRegistryRoutes(app, {
        ...stores,
        ...{ clock, pictureWorst: (model) => pictureWorst(explaining, model) },
      });
      addPruneRoutes(app, { ...stores, blobs, clock });
    },
  };
}
