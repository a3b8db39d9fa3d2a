import swagger from '@fastify/swagger';
import type { Clock } from '@pomona/wire';
import type { RouteOptions } from 'fastify';
import type { Access } from '../../use-cases/access.ts';
import type { LiveFeed } from '../../use-cases/live-feed.ts';
import type { Logger } from '../../use-cases/ports.ts';
import { asPortError, type Listening } from '../net/listen.ts';
import { addAccessRoutes } from './access-routes.ts';
import { type ApiPorts, addApiRoutes } from './api-routes.ts';
import { closeQuery } from './close-query.ts';
import { addConsole } from './console-route.ts';
import { type App, createApp } from './create-app.ts';
import { createOriginGuard } from './guard-origin.ts';
import { addRoleGuard, type RouteRole } from './guard-role.ts';
import { addLiveRoute } from './live-route.ts';

/** A box of photographs over a slow line; what is not signed in is refused before its body. */
const requestTimeoutMs = 30 * 60_000;

export interface ApiServerOptions {
  readonly host: string;
  readonly port: number;
  /** Names beside addresses and this machine's own by which browsers may call this server. */
  readonly publicHosts: readonly string[];
  readonly ports: ApiPorts;
  readonly access: Access;
  readonly clock: Clock;
  /** What else has routes. */
  readonly features: readonly { addRoutes?(app: App): void }[];
  readonly feed: Pick<LiveFeed, 'subscribe'>;
  readonly logger: Logger;
  readonly consoleFolder?: string;
}

/** What is served, and to whom; for whoever wants to check that. */
export interface ServedRoute {
  readonly method: string;
  readonly url: string;
  readonly role: RouteRole;
}

/** The REST API, the live events and the console, over plain HTTP. */
export async function createApiServer(
  options: Omit<ApiServerOptions, 'host' | 'port'>,
): Promise<{ app: App; routes: readonly ServedRoute[] }> {
  const app = createApp({ bodyBytesMax: 262_144, requestTimeoutMs }, options.logger);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Pomona control plane', version: options.ports.version },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: ({ schema, url, route }) => {
      const role = route.config?.role ?? 'admin';
      const security = role === 'public' ? [] : [{ token: [] }];
      return { schema: { ...schema, 'x-role': role, security } as typeof schema, url };
    },
  });
  const added: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    closeQuery(route);
    added.push(route);
  });
  app.addHook('onRequest', createOriginGuard(options.publicHosts));
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff');
    reply.header('x-frame-options', 'DENY');
    reply.header('referrer-policy', 'no-referrer');
  });
  addRoleGuard(app, options.access);
  addAccessRoutes(app, options);
  addApiRoutes(app, options.ports);
  for (const feature of options.features) feature.addRoutes?.(app);
  addLiveRoute(app, options.feed);
  await addConsole(app, options.consoleFolder);
  // Asked for at the end: a scope may have changed what its routes are.
  const routes = added.flatMap(({ method, url, config }) =>
    [method].flat().map((verb) => ({ method: verb, url, role: config?.role ?? 'admin' })),
  );
  return { app, routes };
}

/** Resolves with the port. Errors: `port-in-use`, `port-not-allowed`. */
export async function listenApp(app: App, listening: Listening): Promise<number> {
  try {
    await app.listen({ host: listening.host, port: listening.port });
  } catch (error) {
    throw asPortError(error, listening);
  }
  const address = app.server.address();
  return typeof address === 'object' && address ? address.port : listening.port;
}
