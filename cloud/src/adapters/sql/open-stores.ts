import type { PomonaDatabase } from './open-database.ts';
import { SqlAccessStore } from './sql-access-store.ts';
import { SqlAlertStore } from './sql-alert-store.ts';
import { SqlClaimStore } from './sql-claim-store.ts';
import { SqlDatasetRegistry } from './sql-dataset-registry.ts';
import { SqlDesiredStore } from './sql-desired-store.ts';
import { SqlFruitStore } from './sql-fruit-store.ts';
import { SqlJobStore } from './sql-job-store.ts';
import { SqlModelRegistry } from './sql-model-registry.ts';
import { SqlPhotographStore } from './sql-photograph-store.ts';
import { SqlProjectStore } from './sql-project-store.ts';
import { SqlReaderStore } from './sql-reader-store.ts';
import { SqlRejectionStore } from './sql-rejection-store.ts';
import { SqlRemovalStore } from './sql-removal-store.ts';
import { SqlRetrainProposalStore } from './sql-retrain-proposal-store.ts';
import { SqlRolloutStore } from './sql-rollout-store.ts';
import { SqlRunStore } from './sql-run-store.ts';
import { SqlSamplePartStore } from './sql-sample-part-store.ts';
import { SqlSampleStore } from './sql-sample-store.ts';
import { SqlSiteStore } from './sql-site-store.ts';
import { SqlStationStore } from './sql-station-store.ts';
import { SqlTelemetryStore } from './sql-telemetry-store.ts';
import { SqlTrainingRunStore } from './sql-training-run-store.ts';
import { SqlWebhookStore } from './sql-webhook-store.ts';

export interface Stores {
  readonly access: SqlAccessStore;
  readonly stations: SqlStationStore;
  readonly claims: SqlClaimStore;
  readonly desired: SqlDesiredStore;
  readonly fruits: SqlFruitStore;
  readonly samples: SqlSampleStore;
  readonly photographs: SqlPhotographStore;
  readonly sampleParts: SqlSamplePartStore;
  readonly telemetry: SqlTelemetryStore;
  readonly readers: SqlReaderStore;
  readonly rejections: SqlRejectionStore;
  readonly removals: SqlRemovalStore;
  readonly datasets: SqlDatasetRegistry;
  readonly models: SqlModelRegistry;
  readonly jobs: SqlJobStore;
  readonly alerts: SqlAlertStore;
  readonly webhooks: SqlWebhookStore;
  readonly rollouts: SqlRolloutStore;
  readonly runs: SqlRunStore;
  readonly trainingRuns: SqlTrainingRunStore;
  readonly project: SqlProjectStore;
  readonly proposals: SqlRetrainProposalStore;
  readonly sites: SqlSiteStore;
}

export function openStores(db: PomonaDatabase): Stores {
  return {
    access: new SqlAccessStore(db),
    stations: new SqlStationStore(db),
    claims: new SqlClaimStore(db),
    desired: new SqlDesiredStore(db),
    fruits: new SqlFruitStore(db),
    samples: new SqlSampleStore(db),
    photographs: new SqlPhotographStore(db),
    sampleParts: new SqlSamplePartStore(db),
    telemetry: new SqlTelemetryStore(db),
    readers: new SqlReaderStore(db),
    rejections: new SqlRejectionStore(db),
    removals: new SqlRemovalStore(db),
    datasets: new SqlDatasetRegistry(db),
    models: new SqlModelRegistry(db),
    jobs: new SqlJobStore(db),
    alerts: new SqlAlertStore(db),
    webhooks: new SqlWebhookStore(db),
    rollouts: new SqlRolloutStore(db),
    runs: new SqlRunStore(db),
    trainingRuns: new SqlTrainingRunStore(db),
    project: new SqlProjectStore(db),
    proposals: new SqlRetrainProposalStore(db),
    sites: new SqlSiteStore(db),
  };
}
