import { isIPv6 } from 'node:net';

/** All addresses of this machine rather than one. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

export function hostInUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}
