import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { FastifyRequest } from 'fastify';
import { appError } from './problem.ts';

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A page of another site must not be able to act here through the browser of somebody who is signed in. A request
 * has to name this server as its host: by an address, which no foreign name can rebind, or by a name that we know. One
 * that changes something, and says which page it comes from, has to come from a page of this server.
 */
export function createOriginGuard(
  publicHosts: readonly string[],
): (request: FastifyRequest) => Promise<void> {
  const names = new Set([
    'localhost',
    hostname().toLowerCase(),
    ...publicHosts.map((host) => host.toLowerCase()),
  ]);
  return async (request) => {
    const host = request.headers.host ?? '';
    const name = hostNameOf(host);
    if (name === undefined || !(names.has(name) || isIP(name.replace(/^\[|\]$/g, '')) !== 0)) {
      throw appError(
        'foreign-origin',
        `this server is not known as ${JSON.stringify(host.slice(0, 100))}`,
        'Use its address, or start the control plane with --public-host set to that name.',
      );
    }
    if (safeMethods.has(request.method)) return;
    const { origin } = request.headers;
    const site = request.headers['sec-fetch-site'];
    const isForeign = origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
    if (isForeign || site === 'cross-site') {
      throw appError(
        'foreign-origin',
        `a page of ${origin ?? 'another site'} may not change anything here`,
        'Open the console at the address of this server.',
      );
    }
  };
}

function hostNameOf(host: string): string | undefined {
  try {
    return new URL(`http://${host}`).hostname;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
