/**
 * Turns a claim into an identity. Nothing counts until the identity is stored in one piece: whatever ends half-way starts
 * again from the claim, with the key that is already there.
 */
import { AppError, type Claim, type EnrolRequest, type StationAddress } from '@pomona/wire';
import type { Identity } from '../domain/identity.ts';

export interface IdentityStore {
  /** Undefined when the station is not enrolled. Throws `identity-damaged`. */
  load(): Promise<Identity | undefined>;
  save(identity: Identity): Promise<void>;
  /** PKCS#10, PEM, for the key of this device, which is made when there is none. */
  signingRequest(station: string): Promise<string>;
}

/**
 * Sends a request to the control plane that the claim names, once it has proven to be that one. Throws
 * `enrol-unreachable` or `enrol-wrong-clock` (both retryable), `enrol-wrong-server`, `enrol-refused` or `enrol-bad-answer`.
 */
export type SendEnrolment = (claim: Claim, request: EnrolRequest) => Promise<Identity>;

export interface EnrolDeps {
  readonly store: IdentityStore;
  readonly send: SendEnrolment;
  readonly readClaim: () => Promise<Claim | undefined>;
  /** Use the claim although the station is enrolled; what it has counts until the new identity is stored. */
  readonly again?: boolean;
}

export async function enrol(
  address: StationAddress,
  { store, send, readClaim, again = false }: EnrolDeps,
): Promise<{ readonly identity: Identity; readonly fresh: boolean }> {
  const known = await store.load();
  if (known !== undefined) {
    if (!sameStation(known, address)) throw otherStation('data folder belongs to', known, address);
    if (!again) return { identity: known, fresh: false };
  }
  const claim = await readClaim();
  if (claim === undefined) {
    throw new AppError(
      'claim-missing',
      `${address.station} is ${again ? 'to be enrolled again' : 'not enrolled'}, and its configuration has no claim`,
      {
        hint: 'Make a claim with `pomona station enrol` and name its file in the field `claim`.',
      },
    );
  }
  if (!sameStation(claim, address)) throw otherStation('claim is for', claim, address);
  const csrPem = await store.signingRequest(address.station);
  const identity = await send(claim, { token: claim.token, csrPem });
  if (!sameStation(identity, address)) throw otherStation('answer is for', identity, address);
  await store.save(identity);
  return { identity, fresh: true };
}

function sameStation(a: StationAddress, b: StationAddress): boolean {
  return a.site === b.site && a.line === b.line && a.station === b.station;
}

function otherStation(what: string, found: StationAddress, expected: StationAddress): AppError {
  const name = ({ site, line, station }: StationAddress): string => `${site}/${line}/${station}`;
  return new AppError('claim-other-station', `the ${what} ${name(found)}, this is ${name(expected)}`, {
    hint: 'Give each station a configuration, a data folder and a claim of its own.',
  });
}
