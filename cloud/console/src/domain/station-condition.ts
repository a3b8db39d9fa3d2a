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

/** Whether someone should look at it: gone, stale, or an update that did not take. */
export function needsALook({ condition, reported }: StationView): boolean {
  const update = reported?.update.state;
  return condition === 'offline' || condition === 'stale' || update === 'failed' || update === 'rolled-back';
}

/** What the station runs, by its own latest word. */
export function runningRelease(station: StationView) {
  return station.reported?.running?.release ?? station.status?.release ?? null;
}
