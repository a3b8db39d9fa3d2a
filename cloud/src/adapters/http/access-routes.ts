import { Type } from '@pomona/schema';
import {
  Caller,
  type Clock,
  CreatedToken,
  LinkRequest,
  NewPassword,
  NewToken,
  NewUser,
  Problem,
  SessionView,
  SetupRequest,
  SignInRequest,
  Slug,
  TokenView,
  UserView,
} from '@pomona/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TokenBuckets } from '../../domain/token-bucket.ts';
import type { Access, SignedIn } from '../../use-cases/access.ts';
import type { App } from './create-app.ts';
import { appError } from './problem.ts';
import { clearSession, sessionOf, setSession } from './session-cookie.ts';

const failures = { '4xx': Problem, '5xx': Problem };
/** A person mistypes a few times; a program that guesses gets 720 an hour. */
const perAddress = { burst: 10, perSecond: 0.2, keysMax: 10_000 } as const;

export interface AccessRoutesPorts {
  readonly access: Access;
  readonly clock: Clock;
}

export function addAccessRoutes(app: App, ports: AccessRoutesPorts): void {
  addSessionRoutes(app, ports);
  addUserRoutes(app, ports.access);
  addTokenRoutes(app, ports.access);
}

function addSessionRoutes(app: App, { access, clock }: AccessRoutesPorts): void {
  const buckets = new TokenBuckets(perAddress);
  const limited = async (request: FastifyRequest) => {
    if (buckets.take(request.ip, clock.monotonicMs())) return;
    throw appError(
      'too-many-requests',
      'too many attempts from this address',
      'Wait a minute and try again.',
    );
  };
  const answerTo = (request: FastifyRequest, reply: FastifyReply, { principal, session }: SignedIn) => {
    setSession(request, reply, session);
    return principal;
  };
  const response = { 200: Caller, ...failures };
  const attempt = { onRequest: limited, config: { role: 'public' as const } };
  app.get(
    '/v1/session',
    {
      config: { role: 'public' },
      schema: { summary: 'Who is signed in', response: { 200: SessionView, ...failures } },
    },
    async ({ principal }) => ({ principal: principal ?? null, setupNeeded: await access.setupNeeded() }),
  );
  app.post(
    '/v1/session',
    { ...attempt, schema: { summary: 'Sign in', body: SignInRequest, response } },
    async (request, reply) => answerTo(request, reply, await access.signIn(request.body)),
  );
  app.post(
    '/v1/session/link',
    { ...attempt, schema: { summary: 'Sign in by a one-time link', body: LinkRequest, response } },
    async (request, reply) => answerTo(request, reply, await access.followLink(request.body.token)),
  );
  app.post(
    '/v1/setup',
    { ...attempt, schema: { summary: 'Make the first admin', body: SetupRequest, response } },
    async (request, reply) => answerTo(request, reply, await access.setUp(request.body)),
  );
  app.delete(
    '/v1/session',
    {
      config: { role: 'public' },
      schema: { summary: 'Sign out', response: { 204: Type.Null(), ...failures } },
    },
    async (request, reply) => {
      const session = sessionOf(request);
      if (session !== undefined) await access.signOut(session);
      clearSession(request, reply);
      return reply.code(204).send(null);
    },
  );
}

function addUserRoutes(app: App, access: Access): void {
  const config = { role: 'admin' } as const;
  const params = Type.Object({ name: Slug });
  const done = { 204: Type.Null(), ...failures };
  app.get(
    '/v1/users',
    { config, schema: { summary: 'All users', response: { 200: Type.Array(UserView), ...failures } } },
    () => access.users(),
  );
  app.post(
    '/v1/users',
    { config, schema: { summary: 'Add a user', body: NewUser, response: { 201: UserView, ...failures } } },
    async ({ body }, reply) => reply.code(201).send(await access.addUser(body)),
  );
  app.put(
    '/v1/users/:name/password',
    {
      config,
      schema: {
        summary: 'A new password; ends the user’s sessions',
        params,
        body: NewPassword,
        response: done,
      },
    },
    async ({ params: { name }, body }, reply) => {
      await access.setPassword(name, body.password);
      return reply.code(204).send(null);
    },
  );
  app.delete(
    '/v1/users/:name',
    { config, schema: { summary: 'Remove a user', params, response: done } },
    async ({ params: { name } }, reply) => {
      await access.removeUser(name);
      return reply.code(204).send(null);
    },
  );
}

function addTokenRoutes(app: App, access: Access): void {
  const config = { role: 'admin' } as const;
  app.get(
    '/v1/tokens',
    { config, schema: { summary: 'API tokens', response: { 200: Type.Array(TokenView), ...failures } } },
    () => access.tokens(),
  );
  app.post(
    '/v1/tokens',
    {
      config,
      schema: {
        summary: 'Make an API token; shown this once',
        body: NewToken,
        response: { 201: CreatedToken, ...failures },
      },
    },
    async ({ body, principal }, reply) =>
      reply.code(201).send(await access.createToken(body, principal?.name ?? 'local')),
  );
  app.delete(
    '/v1/tokens/:id',
    {
      config,
      schema: {
        summary: 'Revoke an API token',
        params: Type.Object({ id: Type.String({ pattern: '^[0-9a-f]{12}$' }) }),
        response: { 204: Type.Null(), ...failures },
      },
    },
    async ({ params: { id } }, reply) => {
      await access.revokeToken(id);
      return reply.code(204).send(null);
    },
  );
}
