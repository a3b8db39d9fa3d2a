import type { StationView } from '@pomona/wire';

/** `awaited`: has a claim, not enrolled. `never`: enrolled, no word yet. `silent`: says online, yet nothing comes. */
export type StationCondition = 'awaited' | 'never' | 'online' | 'silent' | 'offline';

/** Health comes every few seconds, so this is several of them missed. */
export const silentAfterMs = 30_000;

export function stationCondition(station: StationView, nowMs: number): StationCondition {
  if (station.status === null) return station.enrolledAt === null ? 'awaited' : 'never';
  if (station.status.state === 'offline') return 'offline';
  const seenMs = station.lastSeenAt === null ? undefined : Date.parse(station.lastSeenAt);
  return seenMs !== undefined && nowMs - seenMs > silentAfterMs ? 'silent' : 'online';
}

export const conditionText: Record<StationCondition, string> = {
  awaited: 'Not enrolled',
  never: 'Never connected',
  online: 'Online',
  silent: 'Silent',
  offline: 'Offline',
};

/** Whether someone should look at it: gone, silent, or an update that did not take. */
export function needsALook(station: StationView, nowMs: number): boolean {
  const condition = stationCondition(station, nowMs);
  const update = station.reported?.update.state;
  return condition === 'offline' || condition === 'silent' || update === 'failed' || update === 'rolled-back';
}

/** What the station runs, by its own latest word. */
export function runningRelease(station: StationView) {
  return station.reported?.running?.release ?? station.status?.release ?? null;
}
