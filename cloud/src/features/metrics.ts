import { addMetricsRoute } from '../adapters/http/metrics-route.ts';
import type { Feature, FeatureContext } from './feature.ts';

export function startMetrics({ viewStations, stores, figures }: FeatureContext): Feature {
  return {
    addRoutes: (app) =>
      addMetricsRoute(app, {
        stations: () => viewStations(),
        rejections: () => stores.rejections.totals(),
        alerts: () => stores.alerts.countOpen(),
        rollouts: () => stores.rollouts.countByStatus(),
        figures,
      }),
  };
}
