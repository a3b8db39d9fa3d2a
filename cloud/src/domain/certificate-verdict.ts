/** Whether a station's certificate will run out: it renews itself from 90 days before the end on, so that what is nearer did not. */
import type { StationView } from '@pomona/wire';
import type { GradedFault } from './station-verdict.ts';

const dayMs = 86_400_000;

/** Days before the end. */
export const certificateLimits = {
  /** Where it is known that a renewal failed. */
  failing: 60,
  /** Whatever the station says of it. */
  left: 30,
  critical: 14,
} as const;

/** `nowMs` is the control plane's clock, by which the broker refuses what has ended. */
export function certificateFault({ health }: StationView, nowMs: number): GradedFault | undefined {
  const certificate = health?.certificate;
  if (certificate === undefined) return undefined;
  const { endsAt, trouble } = certificate;
  const leftMs = Date.parse(endsAt) - nowMs;
  const { failing, left, critical } = certificateLimits;
  if (leftMs >= (trouble === undefined ? left : failing) * dayMs) return undefined;
  const why = trouble === undefined ? 'It did not ask for a new one.' : `No new one comes: ${trouble}`;
  return {
    title: leftMs < 0 ? 'The station’s certificate has ended' : 'The station’s certificate nears its end',
    detail: `After that it grades on, but cannot connect. ${why} The board must reach the port at which it was enrolled (TCP 8443).`,
    severity: leftMs < critical * dayMs ? 'critical' : 'warning',
    evidence: {
      ...{ endsAt, daysLeft: Math.floor(leftMs / dayMs) },
      ...(trouble === undefined ? {} : { trouble }),
    },
  };
}
