import type { StationCondition, StationView } from '@pomona/wire';

const texts: Record<StationCondition, string> = {
  online: 'Online',
  stale: 'Stale',
  offline: 'Offline',
  'never-seen': 'Never connected',
};

/** The control plane says which it is; here it gets its word. */
export function conditionText({ condition, enrolledAt }: StationView): string {
  return condition === 'never-seen' && enrolledAt === null ? 'Not enrolled' : texts[condition];
}

/** Whether someone should look at it: gone, stale, an update that did not take, or a camera that does not see. */
export function needsALook({ condition, reported, health }: StationView): boolean {
  const update = reported?.update.state;
  const isGone = condition === 'offline' || condition === 'stale';
  const isBlind = (health?.camera?.faults.length ?? 0) > 0;
  return isGone || isBlind || update === 'failed' || update === 'rolled-back';
}

/** What the station runs, by its own latest word. */
export function runningRelease(station: StationView) {
  return station.reported?.running?.release ?? station.status?.release ?? null;
}
