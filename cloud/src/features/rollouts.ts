import type { RolloutRequest, StationQuery } from '@pomona/wire';
import { addRolloutRoutes } from '../adapters/http/rollout-routes.ts';
import { type Rollout, Rollouts } from '../use-cases/rollouts.ts';
import type { Feature, FeatureContext } from './feature.ts';

const tickMs = 1_000;
/** After what a station said; what others say meanwhile comes into the same turn. */
const soonMs = 100;

export interface RolloutFeature extends Feature {
  /** As somebody who may not override gates. Errors: `model-unknown`, `rollout-empty`, `rollout-overlap`, `gate-failed`. */
  createRollout(request: RolloutRequest, actor: string): Promise<Rollout>;
  /** Throws where a rollout of the query would be for none, or names a place that is not there. Errors: `place-unknown`, `rollout-empty`. */
  checkStations(query: StationQuery): Promise<void>;
}

/** Rollouts that were under way go on from where they were. */
export async function startRollouts(context: FeatureContext): Promise<RolloutFeature> {
  const { stores, clock, logger } = context;
  const rollouts = new Rollouts({
    store: stores.rollouts,
    models: stores.models,
    desired: stores.desired,
    isWaiting: context.isWaiting,
    viewStations: (names) => context.viewStations(names),
    setDesired: (station, request) =>
      context.setDesired(station, request, { actor: 'rollout', reason: 'as the rollout plans' }),
    setShadow: (station, shadow) =>
      context.setShadow(station, shadow, { actor: 'rollout', reason: 'as the rollout plans' }),
    quietText: (site) => context.sites.quietText(site),
    driftedStations: () => stores.alerts.openStations('drift-model'),
    onPaused({ id }, why) {
      // Each pause is an episode of its own.
      context.alerts
        .closeAlert('rollout-paused', null)
        .then(() =>
          context.alerts.raiseAlert({
            kind: 'rollout-paused',
            severity: 'critical',
            station: null,
            title: `rollout ${id} is paused`,
            detail: `${why}. Resume it, or roll it back.`,
            evidence: { rollout: id },
          }),
        )
        .catch((error: unknown) =>
          logger.error({ err: error, rollout: id, why }, 'could not raise an alert'),
        );
    },
    onNonePaused() {
      context.alerts
        .closeAlert('rollout-paused', null)
        .catch((error: unknown) => logger.error({ err: error }, 'could not close an alert'));
    },
    clock,
    logger,
  });
  await rollouts.load();
  context.sites.exempt((station) => rollouts.goesNow(station));
  let soon: NodeJS.Timeout | undefined;
  // Telemetry is still committed after this feature has stopped.
  let stopped = false;
  const tick = () => {
    soon = undefined;
    rollouts
      .tick()
      .catch((error: unknown) =>
        logger.error({ err: error }, 'a turn of the rollouts failed; it is tried again'),
      );
  };
  const hurry = () => {
    if (!stopped && !rollouts.isIdle) soon ??= setTimeout(tick, soonMs);
  };
  const timer = setInterval(hurry, tickMs);
  return {
    addRoutes: (app) => addRolloutRoutes(app, { rollouts, store: stores.rollouts, hurry }),
    async createRollout(request, actor) {
      const rollout = await rollouts.create(request, { name: actor, isAdmin: false });
      hurry();
      return rollout;
    },
    async checkStations(query) {
      await rollouts.selected(query);
    },
    onCommitted: hurry,
    async stop() {
      stopped = true;
      clearInterval(timer);
      clearTimeout(soon);
      await rollouts.idle();
    },
  };
}
