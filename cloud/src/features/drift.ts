import { addDriftRoutes } from '../adapters/http/drift-routes.ts';
import { SqlDriftStore } from '../adapters/sql/sql-drift-store.ts';
import { driftDetailOf, driftSummaryOf } from '../use-cases/drift-views.ts';
import { DriftWatch } from '../use-cases/watch-drift.ts';
import type { Feature, FeatureContext } from './feature.ts';

const soonMs = 1_000;

/** Looks at the windows of statistics of the stations that sent some, a moment after they did. */
export function startDrift({ db, alerts, stores, logger }: FeatureContext): Feature {
  const watch = new DriftWatch({ store: new SqlDriftStore(db), alerts });
  const counted = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let looking = Promise.resolve();
  const look = async () => {
    const names = [...counted];
    counted.clear();
    for (const station of await stores.stations.findMany(names)) await watch.look(station);
  };
  return {
    addRoutes: (app) =>
      addDriftRoutes(app, {
        async list() {
          const summaries = [];
          for (const { id, station } of await stores.stations.list())
            summaries.push(driftSummaryOf(station, await watch.drift(id, 1)));
          return summaries;
        },
        async find(name, windows) {
          const [station] = await stores.stations.findMany([name]);
          return station && driftDetailOf(name, await watch.drift(station.id, windows));
        },
      }),
    onCommitted({ counted: stations }) {
      if (stations.length === 0) return;
      for (const station of stations) counted.add(station);
      timer ??= setTimeout(() => {
        timer = undefined;
        looking = looking
          .then(look)
          .catch((error: unknown) => logger.error({ err: error }, 'could not look for drift'));
      }, soonMs);
    },
    async stop() {
      clearTimeout(timer);
      await looking;
    },
  };
}
