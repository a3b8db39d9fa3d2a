import type { Kysely } from '@pomona/kysely';
import { createAccessTables } from './migrations/access-tables.ts';
import { addAlertBefore } from './migrations/alert-before.ts';
import { createAlerts } from './migrations/alerts.ts';
import { keepChosenRecipes } from './migrations/chosen-recipes.ts';
import { createDriftWindows } from './migrations/drift-windows.ts';
import { createFileRemovals } from './migrations/file-removals.ts';
import { createFirstTables } from './migrations/first-tables.ts';
import { addFruitMeasures } from './migrations/fruit-measures.ts';
import { addJobRunners } from './migrations/job-runners.ts';
import { createJobs } from './migrations/jobs.ts';
import { addLabelReviews } from './migrations/label-reviews.ts';
import { addOwnRecipes } from './migrations/own-recipes.ts';
import { createPhotographs } from './migrations/photographs.ts';
import { createRegistry } from './migrations/registry.ts';
import { addRenewedCertificates } from './migrations/renewed-certificates.ts';
import { addRetentionIndices } from './migrations/retention-indices.ts';
import { createRetrainProposals } from './migrations/retrain-proposals.ts';
import { createRolloutShadows } from './migrations/rollout-shadows.ts';
import { createRollouts } from './migrations/rollouts.ts';
import { addSampleFruitIndex } from './migrations/sample-fruit-index.ts';
import { createSampleParts } from './migrations/sample-parts.ts';
import { createSampleTables } from './migrations/sample-tables.ts';
import { createSiteDeliveries } from './migrations/site-deliveries.ts';
import { createStationRuns } from './migrations/station-runs.ts';
import { addStationSigns } from './migrations/station-signs.ts';
import { addTargetReasons } from './migrations/target-reasons.ts';
import { createTrainingRuns } from './migrations/training-runs.ts';
import { createWebhooks } from './migrations/webhooks.ts';
import type { Tables } from './tables.ts';

type Migration = (db: Kysely<Tables>) => Promise<void>;

/** A migration is never edited after it was released; the schema's version is the length of this list. */
export const migrations: readonly Migration[] = [
  createFirstTables,
  createJobs,
  createSampleTables,
  createAccessTables,
  createRollouts,
  createAlerts,
  createRegistry,
  addStationSigns,
  createWebhooks,
  createRetrainProposals,
  createDriftWindows,
  addRetentionIndices,
  createStationRuns,
  addFruitMeasures,
  addOwnRecipes,
  createTrainingRuns,
  createSiteDeliveries,
  addLabelReviews,
  createSampleParts,
  createFileRemovals,
  addRenewedCertificates,
  addSampleFruitIndex,
  createRolloutShadows,
  createPhotographs,
  addAlertBefore,
  keepChosenRecipes,
  addTargetReasons,
  addJobRunners,
];
