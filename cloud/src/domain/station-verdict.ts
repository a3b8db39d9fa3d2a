/** What is wrong with a station, by what it last said. Limits have a gap, so that a figure at a limit does not flap. */
import type { StationView } from '@pomona/wire';

export const stationLimits = {
  temperatureC: { raise: 82, clear: 75 },
  diskFreeMb: { raise: 500, clear: 1_000 },
  outboxDepth: { raise: 20_000, clear: 2_000 },
} as const;

export interface StationFault {
  readonly title: string;
  readonly detail: string;
  readonly evidence: Readonly<Record<string, number>>;
}

/** `wasIll`: an alert is open, so figures have to come back to `clear`. */
export function healthFault({ health }: StationView, wasIll: boolean): StationFault | undefined {
  if (health === null) return undefined;
  const side = wasIll ? 'clear' : 'raise';
  const { temperatureC, diskFreeMb, outboxDepth } = health;
  if (temperatureC !== null && temperatureC > stationLimits.temperatureC[side])
    return {
      title: 'The board is too hot',
      detail: 'It slows down before it breaks: look at its fan and what covers it.',
      evidence: { temperatureC },
    };
  if (diskFreeMb < stationLimits.diskFreeMb[side])
    return {
      title: 'The disk is nearly full',
      detail: 'Records will be lost when it is: free some space on the board.',
      evidence: { diskFreeMb },
    };
  if (outboxDepth > stationLimits.outboxDepth[side])
    return {
      title: 'Records wait on the board',
      detail: 'It grades but cannot send fast enough: look at its network.',
      evidence: { outboxDepth },
    };
  return undefined;
}

/** A station that was enrolled and has been here, and is not now. */
export function isOffline({ enrolledAt, status }: StationView): boolean {
  return enrolledAt !== null && status?.state === 'offline';
}
