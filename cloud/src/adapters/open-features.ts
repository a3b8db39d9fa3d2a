import { systemClock } from '@pomona/wire';
import type { FeaturePorts } from '../use-cases/read-features.ts';
import { DatasetEmbeddings } from './dataset/dataset-embedding.ts';
import { readDatasetFeatures } from './dataset/dataset-features.ts';
import { datasetFolderOf } from './dataset/dataset-folder.ts';
import type { PomonaDatabase } from './sql/open-database.ts';
import { SqlDatasetRegistry } from './sql/sql-dataset-registry.ts';
import { SqlFeatureStore } from './sql/sql-feature-store.ts';
import { SqlModelRegistry } from './sql/sql-model-registry.ts';
import { SqlStationStore } from './sql/sql-station-store.ts';

/** The feature store of a data folder. */
export function openFeatures(dataFolder: string, db: PomonaDatabase): FeaturePorts {
  const embeddings = new DatasetEmbeddings(dataFolder);
  return {
    datasets: new SqlDatasetRegistry(db),
    models: new SqlModelRegistry(db),
    stations: new SqlStationStore(db),
    arrived: new SqlFeatureStore(db),
    readImages: ({ name, digest }) => readDatasetFeatures(datasetFolderOf(dataFolder, name, digest)),
    readEmbedding: (version, model) => embeddings.read(version, model),
    clock: systemClock,
  };
}
