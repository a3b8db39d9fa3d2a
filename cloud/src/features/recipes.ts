import { join } from 'node:path';
import { openTrustRepository } from '@pomona/release';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { addRecipeRoutes } from '../adapters/http/recipe-routes.ts';
import { readExamples } from '../adapters/read-examples.ts';
import { SqlFeatureStore } from '../adapters/sql/sql-feature-store.ts';
import type { Feature, FeatureContext } from './feature.ts';

/** Recipes against stored fruits, and with a model. */
export function startRecipes({ dataFolder, db, stores, clock }: FeatureContext): Feature {
  const arrived = new SqlFeatureStore(db);
  const blobs = new BlobFolder(dataFolder);
  const openTrust = () =>
    openTrustRepository({ folder: join(dataFolder, 'trust'), keysFolder: join(dataFolder, 'keys'), clock });
  const ports = { ...stores, arrived, blobs, openTrust, clock, readExamples };
  return { addRoutes: (app) => addRecipeRoutes(app, ports) };
}
