import { openDatabase, type PomonaDatabase } from '../adapters/sql/open-database.ts';
import { SqlDatasetRegistry } from '../adapters/sql/sql-dataset-registry.ts';
import { SqlJobStore } from '../adapters/sql/sql-job-store.ts';
import { SqlModelRegistry } from '../adapters/sql/sql-model-registry.ts';
import { SqlPhotographStore } from '../adapters/sql/sql-photograph-store.ts';
import { SqlProjectStore } from '../adapters/sql/sql-project-store.ts';
import { SqlRunStore } from '../adapters/sql/sql-run-store.ts';
import { SqlSampleStore } from '../adapters/sql/sql-sample-store.ts';
import { SqlStationStore } from '../adapters/sql/sql-station-store.ts';
import { SqlTrainingRunStore } from '../adapters/sql/sql-training-run-store.ts';
import { databaseUrlFrom } from './database-option.ts';

export interface Registry {
  readonly datasets: SqlDatasetRegistry;
  readonly models: SqlModelRegistry;
  readonly jobs: SqlJobStore;
  readonly trainingRuns: SqlTrainingRunStore;
  readonly project: SqlProjectStore;
  readonly runs: SqlRunStore;
  readonly samples: SqlSampleStore;
  readonly photographs: SqlPhotographStore;
  readonly stations: SqlStationStore;
}

/** Opens the data folder's registry for one command; a control plane may run on it meanwhile. */
export async function withRegistry<T>(
  dataFolder: string,
  use: (registry: Registry) => Promise<T>,
): Promise<T> {
  const db = await openDataFolder(dataFolder);
  try {
    return await use({
      datasets: new SqlDatasetRegistry(db),
      models: new SqlModelRegistry(db),
      jobs: new SqlJobStore(db),
      trainingRuns: new SqlTrainingRunStore(db),
      project: new SqlProjectStore(db),
      runs: new SqlRunStore(db),
      samples: new SqlSampleStore(db),
      photographs: new SqlPhotographStore(db),
      stations: new SqlStationStore(db),
    });
  } finally {
    await db.destroy();
  }
}

/** The database that the environment names, or else the data folder's. */
export async function openDataFolder(dataFolder: string): Promise<PomonaDatabase> {
  const { databaseUrl } = databaseUrlFrom();
  return openDatabase(dataFolder, databaseUrl === undefined ? {} : { url: databaseUrl });
}
