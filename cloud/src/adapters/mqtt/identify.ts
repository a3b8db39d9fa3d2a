import type { TLSSocket } from 'node:tls';
import { isSlug, type Principal, type StationAddress } from '@pomona/wire';
import { controlPlaneName } from '../../use-cases/control-plane-name.ts';
import { isPassword } from '../../use-cases/password.ts';
import type { StoredReader } from '../../use-cases/readers.ts';
import type { RenewalStores } from '../../use-cases/renew-station.ts';

export interface IdentityStores {
  readonly stations: Pick<RenewalStores, 'find' | 'adoptCertificate'>;
  readonly readers: { find(user: string): Promise<StoredReader | undefined> };
}

export type Identified =
  | {
      readonly ok: true;
      readonly principal: Principal;
      readonly address?: StationAddress;
      /** Of a reader: false when it was removed, or given another password or other channels, since. */
      readonly isStill?: () => Promise<boolean>;
    }
  | { readonly ok: false; readonly cause: IdentifyFailure; readonly detail: string };

export type IdentifyFailure =
  | 'certificate-not-ours'
  | 'certificate-superseded'
  | 'certificate-unknown'
  | 'wrong-password'
  | 'no-credentials'
  | 'too-many-logins';

/** Each check of a password takes 16 MiB for some 50 ms. */
const passwordChecksMax = 8;
let passwordChecks = 0;

export interface Credentials {
  readonly user: string | undefined;
  readonly password: Uint8Array | undefined;
}

/** Who a connection is: by its verified certificate if it shows one, else by user and password. */
export async function identify(
  socket: TLSSocket,
  { user, password }: Credentials,
  stores: IdentityStores,
): Promise<Identified> {
  const certificate = socket.getPeerCertificate();
  if (Object.keys(certificate).length > 0) {
    if (!socket.authorized)
      return { ok: false, cause: 'certificate-not-ours', detail: String(socket.authorizationError) };
    return identifyStation(String(certificate.subject.CN), certificate.serialNumber, stores);
  }
  if (user === undefined || password === undefined)
    return { ok: false, cause: 'no-credentials', detail: 'neither a certificate nor a user and a password' };
  return identifyReader(user, password, stores);
}

async function identifyStation(
  name: string,
  serial: string,
  { stations }: IdentityStores,
): Promise<Identified> {
  if (name === controlPlaneName) return { ok: true, principal: { kind: 'control-plane' } };
  const station = isSlug(name) ? await stations.find(name) : undefined;
  if (!station) return { ok: false, cause: 'certificate-unknown', detail: `no station ${name.slice(0, 60)}` };
  const shown = serial.toLowerCase();
  if (station.renewedSerial === shown) await stations.adoptCertificate(name, shown);
  else if (station.certificateSerial !== shown)
    return { ok: false, cause: 'certificate-superseded', detail: `${name} was enrolled again since` };
  return { ok: true, principal: { kind: 'station', station: name }, address: station };
}

async function identifyReader(
  user: string,
  password: Uint8Array,
  { readers }: IdentityStores,
): Promise<Identified> {
  if (passwordChecks >= passwordChecksMax)
    return { ok: false, cause: 'too-many-logins', detail: `${passwordChecks} passwords are being checked` };
  passwordChecks++;
  try {
    const reader = isSlug(user) ? await readers.find(user) : undefined;
    if (reader && (await isPassword(reader, password))) {
      // Each password is kept with a salt of its own, and whoever is given channels is given a password.
      const isStill = async () => (await readers.find(user))?.hash === reader.hash;
      return { ok: true, principal: { kind: 'reader', channels: reader.channels }, isStill };
    }
    if (!reader) await isPassword(undefined, password);
    return { ok: false, cause: 'wrong-password', detail: `user ${JSON.stringify(user.slice(0, 60))}` };
  } finally {
    passwordChecks--;
  }
}
