import { SqlDriftStore } from '../adapters/sql/sql-drift-store.ts';
import { DriftWatch } from '../use-cases/watch-drift.ts';
import type { Feature, FeatureContext } from './feature.ts';

const soonMs = 2_000;
const windowFruitsDefault = 500;

/** Looks at the fruit of the stations that were heard, a moment after they were. */
export function startDrift(context: FeatureContext): Feature {
  const { db, alerts, stores, logger, driftWindowFruits = windowFruitsDefault } = context;
  const watch = new DriftWatch({ store: new SqlDriftStore(db), alerts, windowFruits: driftWindowFruits });
  const heard = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let looking = Promise.resolve();
  const look = async () => {
    const names = [...heard];
    heard.clear();
    for (const station of await stores.stations.findMany(names)) await watch.look(station);
  };
  return {
    onCommitted({ stations }) {
      for (const station of stations) heard.add(station);
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
