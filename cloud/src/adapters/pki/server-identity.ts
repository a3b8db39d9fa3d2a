import { isIP } from 'node:net';
import { join } from 'node:path';
import { readIfPresent, writeFileDurably } from '@pomona/release';
import type { Clock } from '@pomona/wire';
import type { Authority, LeafRequest } from './authority.ts';
import { openKeyPair } from './key-pair.ts';
import * as x509 from './x509.ts';

const validDays = 365;
const renewBeforeMs = 30 * 86_400_000;

/** What a TLS server or client shows: PEM texts. */
export interface TlsIdentity {
  readonly keyPem: string;
  readonly certificatePem: string;
  /** The certificate and its authority: a device that enrols knows the authority by its digest, and finds it here. */
  readonly chainPem: string;
}

export interface IdentityOptions {
  /** `server` makes `server.key` and `server.crt`. */
  readonly file: string;
  readonly commonName: string;
  readonly usage: LeafRequest['usage'];
  /** Host names and addresses, for a server. */
  readonly hosts?: readonly string[];
}

/**
 * Reads a certificate of our own and its key, or makes them. The certificate is made anew when it nears its end, when
 * the hosts changed, or when another authority signed it.
 */
export async function openIdentity(
  folder: string,
  authority: Authority,
  clock: Clock,
  { file, commonName, usage, hosts = [] }: IdentityOptions,
): Promise<TlsIdentity> {
  const { keys, privateKeyPem } = await openKeyPair(join(folder, `${file}.key`));
  const path = join(folder, `${file}.crt`);
  const names = hosts.map((value) => ({ type: isIP(value) ? ('ip' as const) : ('dns' as const), value }));
  const stored = (await readIfPresent(path))?.toString();
  if (stored !== undefined && (await isFit(stored, authority, clock, hosts)))
    return withChain(privateKeyPem, stored, authority);
  const { certificatePem } = await authority.issue({
    commonName,
    usage,
    publicKey: keys.publicKey,
    days: validDays,
    ...(names.length > 0 ? { names } : {}),
  });
  await writeFileDurably(path, certificatePem);
  return withChain(privateKeyPem, certificatePem, authority);
}

function withChain(keyPem: string, certificatePem: string, authority: Authority): TlsIdentity {
  return { keyPem, certificatePem, chainPem: `${certificatePem}\n${authority.certificatePem}\n` };
}

async function isFit(
  pem: string,
  authority: Authority,
  clock: Clock,
  hosts: readonly string[],
): Promise<boolean> {
  const certificate = parseOwn(pem);
  if (!certificate) return false;
  if (certificate.notAfter.getTime() - clock.nowMs() < renewBeforeMs) return false;
  const issuer = new x509.X509Certificate(authority.certificatePem);
  if (!(await certificate.verify({ publicKey: issuer.publicKey, signatureOnly: true }))) return false;
  const stored = certificate.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  const has = new Set(stored.map(({ value }) => canonicalHost(value)));
  return has.size === new Set(hosts).size && hosts.every((host) => has.has(canonicalHost(host)));
}

/** Undefined for a damaged file: our own certificates can be made again at any time. */
function parseOwn(pem: string): x509.X509Certificate | undefined {
  try {
    return new x509.X509Certificate(pem);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

/** IPv6 addresses are printed in more than one way. */
function canonicalHost(host: string): string {
  return isIP(host) === 6 ? new URL(`http://[${host}]`).hostname : host;
}
