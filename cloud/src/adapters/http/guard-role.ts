import { type Caller, localUserHeader, type Role, roleCovers } from '@pomona/wire';
import type { FastifyRequest } from 'fastify';
import type { Access } from '../../use-cases/access.ts';
import type { App } from './create-app.ts';
import { appError } from './problem.ts';
import { sessionOf } from './session-cookie.ts';

export type RouteRole = Role | 'public';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route; without it, admins alone. */
    role?: RouteRole;
  }
  interface FastifyRequest {
    /** Who calls; undefined of a stranger. */
    principal: Caller | undefined;
  }
}

/** Finds out who calls, and refuses who may not. A path that leads nowhere is told to everybody. */
export function addRoleGuard(app: App, access: Access): void {
  app.decorateRequest('principal', undefined);
  app.addHook('onRequest', async (request) => {
    request.principal = await principalOf(request, access);
    if (request.is404) return;
    const needed = request.routeOptions.config.role ?? 'admin';
    if (needed === 'public') return;
    if (request.principal === undefined) {
      throw appError(
        'not-signed-in',
        'this needs somebody who is signed in',
        'Sign in, or send a token that is good: Authorization: Bearer ….',
      );
    }
    if (roleCovers(request.principal.role, needed)) return;
    throw appError(
      'role-too-low',
      `this needs the role ${needed}; ${request.principal.name} is ${request.principal.role}`,
      'Ask an admin for it.',
    );
  });
}

/** A token that is sent decides alone: who sends a bad one is a stranger, whatever their cookie. */
async function principalOf(request: FastifyRequest, access: Access): Promise<Caller | undefined> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const token = /^Bearer ([\w-]{20,200})$/.exec(authorization)?.[1];
    const caller = token === undefined ? undefined : await access.byToken(token);
    return caller?.kind === 'local' ? { ...caller, name: localNameOf(request, caller.name) } : caller;
  }
  const session = sessionOf(request);
  return session === undefined ? undefined : access.bySession(session);
}

/** Whoever has the local token may do anything on this machine, and is believed who they are. */
function localNameOf({ headers }: FastifyRequest, name: string): string {
  const user = headers[localUserHeader];
  return typeof user === 'string' && /^[\w.%@-]{1,120}$/.test(user) ? `${name}:${user}` : name;
}
