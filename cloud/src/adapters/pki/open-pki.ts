import { join } from 'node:path';
import type { Clock } from '@pomona/wire';
import { controlPlaneName } from '../../use-cases/control-plane-name.ts';
import { type Authority, type IssuedCertificate, openAuthority } from './authority.ts';
import { openIdentity, type TlsIdentity } from './server-identity.ts';
import { signStation } from './station-certificate.ts';

export interface Pki {
  readonly authority: Authority;
  /** The authority's certificate, for clients that want a file. */
  readonly caFile: string;
  /** Of the broker and the device listener. */
  readonly server: TlsIdentity;
  /** Of the control plane as a client of the broker. */
  readonly client: TlsIdentity;
  signStation(csrPem: string, station: string): Promise<IssuedCertificate>;
  /** Makes our own certificates anew where they near their end. */
  renew(): Promise<{ readonly server: TlsIdentity; readonly client: TlsIdentity }>;
}

const localNames = ['localhost', '127.0.0.1', '::1'];

/** `names`: hosts and addresses beside this machine's own by which it is reached. Error: `pki-damaged`. */
export async function openPki(folder: string, clock: Clock, names: readonly string[]): Promise<Pki> {
  const authority = await openAuthority(folder, clock);
  const hosts = [...new Set([...localNames, ...names])];
  const renew = async () => ({
    server: await openIdentity(folder, authority, clock, {
      file: 'server',
      commonName: 'pomona',
      usage: 'server',
      hosts,
    }),
    client: await openIdentity(folder, authority, clock, {
      file: controlPlaneName,
      commonName: controlPlaneName,
      usage: 'client',
    }),
  });
  return {
    authority,
    caFile: join(folder, 'ca.crt'),
    ...(await renew()),
    signStation: (csrPem, station) => signStation(authority, csrPem, station),
    renew,
  };
}
