import { Predictor } from '../adapters/predictor.ts';
import { startAlerts } from './alerts.ts';
import { startDatasets } from './datasets.ts';
import { startDrift } from './drift.ts';
import { startExploring } from './exploring.ts';
import type { Feature, FeatureContext } from './feature.ts';
import { startMetrics } from './metrics.ts';
import { startNotifications } from './notifications.ts';
import { startPredictions } from './predict.ts';
import { startRecipes } from './recipes.ts';
import { startRegistry } from './registry.ts';
import { startRetraining } from './retraining.ts';
import { startRollouts } from './rollouts.ts';
import { startSamples } from './samples.ts';
import { startSites } from './sites.ts';
import { startTraining } from './training.ts';

/** In the order of their starts; they are stopped in the reverse order. */
export async function startFeatures(context: FeatureContext): Promise<readonly Feature[]> {
  const rollouts = await startRollouts(context);
  const datasets = await startDatasets(context);
  const predictor = new Predictor(context.dataFolder);
  return [
    await startNotifications(context),
    startAlerts(context),
    startDrift(context),
    startTraining(context),
    await startRegistry(context, predictor),
    datasets,
    startSamples(context),
    rollouts,
    startRetraining(context, rollouts),
    startPredictions(context, predictor),
    startMetrics(context),
    startExploring(context),
    startRecipes(context),
    startSites(context),
  ];
}
