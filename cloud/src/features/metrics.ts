import { addMetricsRoute } from '../adapters/http/metrics-route.ts';
import { isShadowing } from '../domain/rollout-shadow.ts';
import { agreementOf } from '../domain/shadow-figures.ts';
import type { Rollout } from '../use-cases/rollouts.ts';
import type { Feature, FeatureContext } from './feature.ts';

export function startMetrics({ viewStations, stores, figures }: FeatureContext): Feature {
  return {
    addRoutes: (app) =>
      addMetricsRoute(app, {
        stations: () => viewStations(),
        rejections: () => stores.rejections.totals(),
        alerts: () => stores.alerts.countOpen(),
        rollouts: () => stores.rollouts.countByStatus(),
        shadows: async () =>
          (await stores.rollouts.listActive()).filter(({ state }) => isShadowing(state)).flatMap(shadowsOf),
        figures,
      }),
  };
}

function shadowsOf({ id, state }: Rollout) {
  return state.members.flatMap(({ station, shadow }) =>
    shadow?.figures
      ? [{ rollout: id, station, fruits: shadow.figures.fruits, agreement: agreementOf(shadow.figures) }]
      : [],
  );
}
