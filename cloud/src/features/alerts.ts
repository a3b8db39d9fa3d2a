import type { StationView } from '@pomona/wire';
import { addAlertRoutes } from '../adapters/http/alert-routes.ts';
import { certificateFault } from '../domain/certificate-verdict.ts';
import { cameraFault, healthFault, isOffline } from '../domain/station-verdict.ts';
import type { Feature, FeatureContext } from './feature.ts';

const tickMs = 5_000;
const offlineMs = 60_000;
/** Without a fault for so long a camera is well: on a board with no time to spare it falls silent, and comes back, again and again. */
const cameraWellMs = 60_000;

/** Watches the stations' state and health, and shows all alerts. */
export function startAlerts({
  alerts,
  clock,
  logger,
  viewStations,
}: Pick<FeatureContext, 'alerts' | 'clock' | 'logger' | 'viewStations'>): Feature {
  const awaySinceMs = new Map<string, number>();
  const wellSinceMs = new Map<string, number>();
  const lookAtCamera = async (view: StationView) => {
    const { station } = view;
    const fault = cameraFault(view);
    if (fault) {
      wellSinceMs.delete(station);
      await alerts.raiseAlert({ kind: 'station-camera', station, ...fault });
      return;
    }
    const sinceMs = wellSinceMs.get(station) ?? clock.monotonicMs();
    wellSinceMs.set(station, sinceMs);
    if (clock.monotonicMs() - sinceMs >= cameraWellMs) await alerts.closeAlert('station-camera', station);
  };
  const look = async () => {
    const ill = new Set(
      (await alerts.list())
        .filter(({ kind, closedAt }) => kind === 'station-health' && closedAt === null)
        .map(({ station }) => station),
    );
    for (const view of await viewStations()) {
      const { station } = view;
      const fault = healthFault(view, ill.has(station));
      if (fault) await alerts.raiseAlert({ kind: 'station-health', severity: 'warning', station, ...fault });
      else await alerts.closeAlert('station-health', station);
      await lookAtCamera(view);
      const ending = certificateFault(view, clock.nowMs());
      if (ending) await alerts.raiseAlert({ kind: 'station-certificate', station, ...ending });
      else await alerts.closeAlert('station-certificate', station);
      if (!isOffline(view)) {
        awaySinceMs.delete(station);
        await alerts.closeAlert('station-offline', station);
        continue;
      }
      const sinceMs = awaySinceMs.get(station) ?? clock.monotonicMs();
      awaySinceMs.set(station, sinceMs);
      // A restart of the board or of this program is no episode.
      if (clock.monotonicMs() - sinceMs < offlineMs) continue;
      await alerts.raiseAlert({
        kind: 'station-offline',
        severity: 'critical',
        station,
        title: `${station} is away`,
        detail: 'It may still grade; nothing comes in until it is back. Look at its power and network.',
        evidence: { lastSeenAt: view.lastSeenAt ?? 'never' },
      });
    }
  };
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: unknown) =>
        logger.error({ err: error }, 'could not look after the stations; it is tried again'),
      )
      .finally(() => {
        looking = undefined;
      });
  }, tickMs);
  return {
    addRoutes: (app) => addAlertRoutes(app, alerts),
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}
