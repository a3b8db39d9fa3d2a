import { createHash, randomBytes } from 'node:crypto';
import { AppError, type Claim, type ClaimRequest, type Clock, type StationAddress } from '@pomona/wire';
import { controlPlaneName } from './control-plane-name.ts';
import type { StationRecord } from './ports.ts';

export const defaultValidForMinutes = 24 * 60;

export interface ClaimPorts {
  readonly stations: {
    ensure(address: StationAddress, nowMs: number): Promise<StationRecord>;
  };
  readonly claims: {
    add(claim: {
      readonly tokenSha256: string;
      readonly stationId: number;
      readonly createdAtMs: number;
      readonly expiresAtMs: number;
    }): Promise<void>;
  };
  readonly clock: Clock;
  /** Where devices enrol, and by what they know that it is us. */
  readonly enrolUrl: string;
  readonly caSha256: string;
}

/**
 * A claim to a station, made new if need be: good once, until it expires. Only the token's SHA-256 is kept.
 * Errors: `station-name-reserved`, `station-elsewhere`.
 */
export async function claimStation(ports: ClaimPorts, request: ClaimRequest): Promise<Claim> {
  const { site, line, station } = request;
  if (station === controlPlaneName) {
    throw new AppError(
      'station-name-reserved',
      `${controlPlaneName} is the name of the control plane itself`,
      {
        hint: 'Choose another id for the station.',
      },
    );
  }
  const nowMs = ports.clock.nowMs();
  const record = await ports.stations.ensure({ site, line, station }, nowMs);
  const token = randomBytes(32).toString('base64url');
  const expiresAtMs = nowMs + (request.validForMinutes ?? defaultValidForMinutes) * 60_000;
  await ports.claims.add({
    tokenSha256: tokenDigest(token),
    stationId: record.id,
    createdAtMs: nowMs,
    expiresAtMs,
  });
  return {
    v: 1,
    site,
    line,
    station,
    url: ports.enrolUrl,
    caSha256: ports.caSha256,
    token,
    expiresAt: new Date(expiresAtMs).toISOString(),
  };
}

export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
