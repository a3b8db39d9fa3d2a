import { datasetFolderOf } from '../adapters/dataset/dataset-folder.ts';
import { exportFeatures, reportDataset } from '../adapters/dataset/dataset-report.ts';
import { addExploringRoutes } from '../adapters/http/exploring-routes.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** The features of dataset versions, and a page about each. */
export function startExploring({ dataFolder, stores }: FeatureContext): Feature {
  const folderOf = async (name: string, digest: string): Promise<string | undefined> => {
    const view = await stores.datasets.find(name, digest);
    return view && datasetFolderOf(dataFolder, view.name, view.digest);
  };
  return {
    addRoutes: (app) =>
      addExploringRoutes(app, { folderOf, report: reportDataset, features: exportFeatures }),
  };
}
