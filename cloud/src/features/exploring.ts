import { datasetFolderOf } from '../adapters/dataset/dataset-folder.ts';
import { reportDataset, reportFigures } from '../adapters/dataset/dataset-report.ts';
import { addExploringRoutes } from '../adapters/http/exploring-routes.ts';
import { addFeatureRoutes } from '../adapters/http/feature-routes.ts';
import { openFeatures } from '../adapters/open-features.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** The feature store, and a page about each dataset version. */
export function startExploring({ dataFolder, db, stores }: FeatureContext): Feature {
  const folderOf = async (name: string, digest: string): Promise<string | undefined> => {
    const view = await stores.datasets.find(name, digest);
    return view && datasetFolderOf(dataFolder, view.name, view.digest);
  };
  return {
    addRoutes(app) {
      addExploringRoutes(app, { folderOf, report: reportDataset, figures: reportFigures });
      addFeatureRoutes(app, openFeatures(dataFolder, db));
    },
  };
}
