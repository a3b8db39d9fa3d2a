import type { Health, StationCondition, Status } from '@pomona/wire';

/** What is known of a station; instants are of this machine's clock, a station's own may be wrong. */
export interface SignsOfLife {
  readonly status: Status | null;
  readonly statusAtMs: number | null;
  readonly health: Health | null;
  readonly healthAtMs: number | null;
  readonly lastSeenAtMs: number | null;
}

/** One health may be lost and one late; a third that is missing is no accident. */
export const staleIntervals = 3;
/** Of a station that has not told its own: what an agent does unless told otherwise. */
export const defaultIntervalS = 10;

/** Whether a station is there. It is given three intervals from when it connected as well as from its last health. */
export function stationCondition(signs: SignsOfLife, nowMs: number): StationCondition {
  const { status, health } = signs;
  if (status === null) return 'never-seen';
  if (status.state === 'offline') return 'offline';
  // Rows of before these two instants were kept have neither.
  const sinceMs = latest(signs.statusAtMs, signs.healthAtMs) ?? signs.lastSeenAtMs;
  const patienceMs = staleIntervals * (health?.intervalS ?? defaultIntervalS) * 1_000;
  return sinceMs !== null && nowMs - sinceMs > patienceMs ? 'stale' : 'online';
}

function latest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
