import {
  AppError,
  type Clock,
  type EnrolRequest,
  type EnrolResponse,
  type StationAddress,
} from '@pomona/wire';
import { tokenDigest } from './claim-station.ts';
import type { StationRecord } from './ports.ts';

export interface EnrolPorts {
  readonly claims: {
    find(
      tokenSha256: string,
    ): Promise<
      | { readonly station: StationRecord; readonly expiresAtMs: number; readonly usedAtMs: number | null }
      | undefined
    >;
    redeem(redemption: {
      readonly tokenSha256: string;
      readonly certificateSerial: string;
      readonly nowMs: number;
    }): Promise<boolean>;
  };
  readonly signStation: (
    csrPem: string,
    station: string,
  ) => Promise<{ readonly certificatePem: string; readonly serial: string }>;
  readonly clock: Clock;
  readonly caPem: string;
  readonly brokerUrl: string;
  readonly deviceUrl: () => string;
  readonly trustRoot: () => string;
  readonly desiredKeyPem: string;
}

/**
 * Uses a claim up and gives the device its certificate and what it needs to trust us. A request that cannot be signed
 * leaves the claim good.
 * Errors: `claim-unknown`, `claim-used`, `claim-expired`, `certificate-request-invalid`, `-name`, `-key`.
 */
export async function enrolStation(ports: EnrolPorts, request: EnrolRequest): Promise<EnrolResponse> {
  const tokenSha256 = tokenDigest(request.token);
  const claim = await ports.claims.find(tokenSha256);
  const nowMs = ports.clock.nowMs();
  if (!claim) {
    throw new AppError('claim-unknown', 'this control plane gave out no such claim', {
      hint: 'Check that the claim file is complete and comes from this control plane.',
    });
  }
  const { site, line, station } = claim.station;
  if (claim.usedAtMs !== null) throw usedUp(claim.station, claim.usedAtMs);
  if (claim.expiresAtMs <= nowMs) {
    throw new AppError(
      'claim-expired',
      `the claim to ${station} expired at ${new Date(claim.expiresAtMs).toISOString()}`,
      { hint: newClaimHint(claim.station) },
    );
  }
  const { certificatePem, serial } = await ports.signStation(request.csrPem, station);
  // Another request with the same token may have come in between; the store lets one of them through.
  if (!(await ports.claims.redeem({ tokenSha256, certificateSerial: serial, nowMs })))
    throw usedUp(claim.station, nowMs);
  return {
    site,
    line,
    station,
    certificatePem,
    caPem: ports.caPem,
    brokerUrl: ports.brokerUrl,
    deviceUrl: ports.deviceUrl(),
    trustRoot: ports.trustRoot(),
    desiredKeyPem: ports.desiredKeyPem,
  };
}

function usedUp(address: StationAddress, usedAtMs: number): AppError {
  return new AppError(
    'claim-used',
    `the claim to ${address.station} was used at ${new Date(usedAtMs).toISOString()}`,
    { hint: `If that was not this device, find out who has the claim. ${newClaimHint(address)}` },
  );
}

function newClaimHint(address: StationAddress): string {
  return `Make a new one: pomona station enrol ${address.site}/${address.line}/${address.station}`;
}
