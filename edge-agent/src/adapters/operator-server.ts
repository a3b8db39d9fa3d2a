/**
 * The page at the line: a few files, what the desk says as JSON, pictures, and what may be done there. A session is a cookie that
 * scripts cannot read and other sites cannot send; it is given for the PIN. Plain HTTP: a board has no name that a browser would
 * trust, so the PIN protects from hands in the packhouse and not from who records its network.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { OperatorPageConfig } from '@pomona/firmware-config';
import { Compile, type Static, Type, Value } from '@pomona/schema';
import { AppError, isAppError } from '@pomona/wire';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { viewStrip } from '../domain/view-strip.ts';
import type { LineDesk } from '../use-cases/line-desk.ts';
import type { LivePicture } from '../use-cases/live-picture.ts';
import type { Scheduler } from '../use-cases/scheduler.ts';
import { OperatorAccess } from './operator-access.ts';
import { picturePacker } from './picture-packer.ts';
import { encodePng } from './png.ts';

export interface OperatorServerPorts {
  readonly config: OperatorPageConfig;
  readonly desk: LineDesk;
  readonly picture: LivePicture;
  readonly scheduler: Scheduler;
  readonly onTrouble: (code: string, message: string) => void;
}

/** What the page consists of, and nothing else of the folder. */
const files = {
  '/': { file: '../../page/index.html', type: 'text/html; charset=utf-8' },
  '/page.css': { file: '../../page/page.css', type: 'text/css; charset=utf-8' },
  ...Object.fromEntries(
    ['main', 'draw-line', 'elements', 'ask', 'grade-look', 'sheets'].map((name) => [
      `/${name}.js`,
      { file: `../../dist/page/${name}.js`, type: 'text/javascript; charset=utf-8' },
    ]),
  ),
};

const bodyBytesMax = 1_024;
const connectionsMax = 64;

const statusOf = new Map([
  ['pin-needed', 401],
  ['pin-wrong', 401],
  ['pin-not-set', 403],
  ['other-site', 403],
  ['fruit-gone', 404],
  ['correction-open', 409],
  ['grade-unknown', 422],
  ['pin-busy', 429],
  ['pin-paused', 429],
  ['correction-lost', 503],
]);

const Pin = Type.Object({ pin: Type.String({ maxLength: 12 }) });
const Grade = Type.Object({
  grade: Type.String({ maxLength: 40 }),
  boot: Type.Optional(Type.String({ maxLength: 40 })),
});
const FruitParams = Type.Object({ seq: Type.Integer({ minimum: 0 }) });
const PictureQuery = Type.Object({ after: Type.Integer({ minimum: 0, default: 0 }) });

/** Not listening yet. */
export function createOperatorServer(ports: OperatorServerPorts): FastifyInstance {
  const { config, desk, picture, scheduler } = ports;
  const app = Fastify({ bodyLimit: bodyBytesMax, requestTimeout: 10_000, forceCloseConnections: true });
  app.server.maxConnections = connectionsMax;
  app.setValidatorCompiler(compileValidator);
  // A page of another site can send text/plain without asking first.
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(safeHeaders);
    if (request.method !== 'GET') refuseOtherSites(request);
  });
  answerErrors(app, ports);
  const pack = picturePacker();

  const access = new OperatorAccess(config, scheduler);
  const watching = async (request: FastifyRequest): Promise<void> => access.checkWatching(request);
  const acting = async (request: FastifyRequest): Promise<void> => access.checkActing(request);

  for (const [path, { file, type }] of Object.entries(files)) {
    const from = fileURLToPath(new URL(file, import.meta.url));
    app.get(path, async (_, reply) => reply.type(type).send(await readFile(from)));
  }

  app.get('/line/view', { onRequest: watching }, async (request) => ({
    ...desk.view(),
    access: access.of(request),
  }));
  app.get<{ Querystring: Static<typeof PictureQuery> }>(
    '/line/picture',
    { onRequest: watching, schema: { querystring: PictureQuery } },
    async (request, reply) => {
      const next = await picture.next(request.query.after);
      if (next === undefined) return reply.code(204).send();
      const bytes = await pack(next);
      return reply.type('application/octet-stream').header('content-encoding', 'gzip').send(bytes);
    },
  );
  const fruit = { onRequest: watching, schema: { params: FruitParams } };
  app.get<{ Params: Static<typeof FruitParams> }>(
    '/line/fruit/:seq/view.png',
    fruit,
    async (request, reply) => {
      const view = desk.smallView(request.params.seq);
      if (view === undefined) throw noView(request.params.seq);
      return reply
        .type('image/png')
        .header('cache-control', 'private, max-age=600')
        .send(encodePng(view.crops[0]!, view.size, view.size));
    },
  );
  app.get<{ Params: Static<typeof FruitParams> }>(
    '/line/fruit/:seq/views.png',
    fruit,
    async (request, reply) => {
      const views = await desk.views(request.params.seq);
      if (views === undefined) throw noView(request.params.seq);
      const { pixels, width, height } = viewStrip(views.crops, views.size);
      return reply.type('image/png').send(encodePng(pixels, width, height));
    },
  );

  app.post<{ Body: Static<typeof Pin> }>(
    '/line/session',
    { schema: { body: Pin } },
    async (request, reply) => {
      const cookie = await access.signIn(request.body.pin, request);
      return reply.header('set-cookie', cookie).code(204).send();
    },
  );
  app.delete('/line/session', async (request, reply) =>
    reply.header('set-cookie', access.signOut(request)).code(204).send(),
  );
  const does = (path: string, action: () => void | Promise<void>): void => {
    app.post(path, { onRequest: acting }, async (_, reply) => {
      await action();
      return reply.code(204).send();
    });
  };
  does('/line/pause', () => desk.pause(true));
  does('/line/resume', () => desk.pause(false));
  does('/line/lot', () => desk.beginLot());
  does('/line/lens', () => desk.lensIsClean());
  app.post<{ Params: Static<typeof FruitParams>; Body: Static<typeof Grade> }>(
    '/line/fruit/:seq/grade',
    { onRequest: acting, schema: { params: FruitParams, body: Grade } },
    async (request, reply) => {
      const { grade, boot } = request.body;
      await desk.correct(request.params.seq, grade, boot);
      return reply.code(204).send();
    },
  );
  return app;
}

function refuseOtherSites({ headers }: FastifyRequest): void {
  const { origin, host } = headers;
  if (origin === undefined || origin === `http://${host}`) return;
  throw new AppError('other-site', `a page of ${origin} must not change anything here`, {
    hint: 'Open the station’s own page.',
  });
}

const safeHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

function answerErrors(app: FastifyInstance, { onTrouble }: OperatorServerPorts): void {
  app.setErrorHandler((error: unknown, _: FastifyRequest, reply: FastifyReply) => {
    if (isAppError(error)) {
      const status = statusOf.get(error.code) ?? 500;
      if (status === 500) onTrouble(error.code, error.message);
      return reply.code(status).send({ code: error.code, message: error.message, hint: error.hint });
    }
    const { statusCode = 500, message } = error as { statusCode?: number; message: string };
    if (statusCode < 500) return reply.code(statusCode).send({ code: 'request-invalid', message, hint: '' });
    onTrouble('operator-page', message);
    return reply
      .code(500)
      .send({ code: 'internal', message: 'that did not work', hint: 'See the agent’s log.' });
  });
}

function compileValidator({ schema, httpPart }: { schema: unknown; httpPart?: string }) {
  const validator = Compile(schema as ReturnType<typeof Type.Object>);
  return (input: unknown) => {
    const value =
      httpPart === 'body'
        ? input
        : Value.Convert(
            schema as ReturnType<typeof Type.Object>,
            Value.Default(schema as ReturnType<typeof Type.Object>, input),
          );
    return validator.Check(value)
      ? { value }
      : {
          error: new Error(
            `${httpPart ?? 'request'}: ${[...validator.Errors(value)][0]?.message ?? 'is wrong'}`,
          ),
        };
  };
}

function noView(seq: number): AppError {
  return new AppError('fruit-gone', `there is no picture of fruit ${seq} any more`, {
    hint: 'Choose one of those that are shown.',
  });
}
