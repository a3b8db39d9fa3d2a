/**
 * The page at the line: a few files, what the desk says as JSON, pictures, and what may be done there. A session is a cookie that
 * scripts cannot read and other sites cannot send; it is given for the PIN. Plain HTTP: a board has no name that a browser would
 * trust, so the PIN protects from hands in the packhouse and not from who records its network.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { isPin, type OperatorPageConfig } from '@pomona/firmware-config';
import { AppError, isAppError } from '@pomona/wire';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import type { Access } from '../domain/desk-view.ts';
import { OperatorSessions } from '../domain/operator-sessions.ts';
import { PinAttempts } from '../domain/pin-attempts.ts';
import { viewStrip } from '../domain/view-strip.ts';
import type { LineDesk } from '../use-cases/line-desk.ts';
import type { LinePicture, LivePicture } from '../use-cases/live-picture.ts';
import type { Scheduler } from '../use-cases/scheduler.ts';
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
const pack = promisify(gzip);

const statusOf = new Map([
  ['pin-needed', 401],
  ['pin-wrong', 401],
  ['pin-not-set', 403],
  ['other-site', 403],
  ['fruit-gone', 404],
  ['correction-open', 409],
  ['grade-unknown', 422],
  ['pin-paused', 429],
  ['correction-lost', 503],
]);

const Pin = Type.Object({ pin: Type.String({ maxLength: 12 }) });
const Grade = Type.Object({ grade: Type.String({ maxLength: 40 }) });
const FruitParams = Type.Object({ seq: Type.Integer({ minimum: 0 }) });
const PictureQuery = Type.Object({ after: Type.Integer({ minimum: 0, default: 0 }) });

/** Not listening yet. */
export function createOperatorServer(ports: OperatorServerPorts): FastifyInstance {
  const { config, desk, picture, scheduler } = ports;
  const app = Fastify({ bodyLimit: bodyBytesMax, requestTimeout: 10_000, forceCloseConnections: true });
  app.server.maxConnections = connectionsMax;
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  // A page of another site can send text/plain without asking first.
  app.removeContentTypeParser('text/plain');
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(safeHeaders);
    if (request.method !== 'GET') refuseOtherSites(request);
  });
  answerErrors(app, ports);

  const gate = new Gate(config, scheduler);
  const watching = async (request: FastifyRequest): Promise<void> => {
    if (config.watching === 'pin' && !gate.isSignedIn(request)) throw pinNeeded();
  };
  const acting = async (request: FastifyRequest): Promise<void> => gate.checkActing(request);

  for (const [path, { file, type }] of Object.entries(files)) {
    const from = fileURLToPath(new URL(file, import.meta.url));
    app.get(path, async (_, reply) => reply.type(type).send(await readFile(from)));
  }

  app.get('/line/access', async (request) => gate.access(request));
  app.get('/line/view', { onRequest: watching }, async (request) => ({
    ...desk.view(),
    access: gate.access(request),
  }));
  app.get<{ Querystring: Static<typeof PictureQuery> }>(
    '/line/picture',
    { onRequest: watching, schema: { querystring: PictureQuery } },
    async (request, reply) => {
      const next = await picture.next(request.query.after);
      if (next === undefined) return reply.code(204).send();
      const bytes = await pack(pictureBytes(next), { level: 1 });
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
      const cookie = await gate.signIn(request.body.pin, request);
      return reply.header('set-cookie', cookie).code(204).send();
    },
  );
  app.delete('/line/session', async (request, reply) =>
    reply.header('set-cookie', gate.signOut(request)).code(204).send(),
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
      await desk.correct(request.params.seq, request.body.grade);
      return reply.code(204).send();
    },
  );
  return app;
}

/** Who may change something. */
class Gate {
  readonly #config: OperatorPageConfig;
  readonly #scheduler: Scheduler;
  readonly #sessions = new OperatorSessions();
  readonly #attempts = new PinAttempts();
  #isTrying = false;

  constructor(config: OperatorPageConfig, scheduler: Scheduler) {
    this.#config = config;
    this.#scheduler = scheduler;
  }

  access(request: FastifyRequest): Access & { readonly watching: OperatorPageConfig['watching'] } {
    const { pinHash, watching } = this.#config;
    return { hasPin: pinHash !== undefined, isSignedIn: this.isSignedIn(request), watching };
  }

  isSignedIn(request: FastifyRequest): boolean {
    return this.#sessions.isOpen(tokenOf(request), this.#scheduler.monotonicMs());
  }

  checkActing(request: FastifyRequest): void {
    if (!this.#sessions.use(tokenOf(request), this.#scheduler.monotonicMs())) throw pinNeeded();
  }

  /** The cookie of a new session. Errors: `pin-not-set`, `pin-paused`, `pin-wrong`. */
  async signIn(pin: string, request: FastifyRequest): Promise<string> {
    const { pinHash } = this.#config;
    if (pinHash === undefined)
      throw new AppError('pin-not-set', 'this station has no PIN, so nothing can be changed here', {
        hint: 'See operatorPage.pinHash in firmware-config/README.md.',
      });
    const waitMs = this.#attempts.waitMs(this.#scheduler.monotonicMs());
    // One at a time: a hash takes a moment of a small processor, and many at once would be many attempts.
    if (waitMs > 0 || this.#isTrying) throw pinPaused(waitMs);
    this.#isTrying = true;
    try {
      if (!(await isPin(pinHash, pin))) {
        this.#attempts.wrong(this.#scheduler.monotonicMs());
        throw new AppError('pin-wrong', 'that is not the PIN', { hint: 'Ask who looks after the station.' });
      }
    } finally {
      this.#isTrying = false;
    }
    this.#attempts.right();
    const token = randomBytes(32).toString('base64url');
    this.#sessions.open(token, this.#scheduler.monotonicMs());
    return cookieOf(request, token);
  }

  signOut(request: FastifyRequest): string {
    this.#sessions.close(tokenOf(request));
    return `${cookieOf(request, '')}; Max-Age=0`;
  }
}

/** Browsers keep cookies by host alone: two stations on one machine must not end each other's session. */
function cookieName({ socket }: FastifyRequest): string {
  return `pomona-line-${socket.localPort}`;
}

function cookieOf(request: FastifyRequest, token: string): string {
  return `${cookieName(request)}=${token}; Path=/; HttpOnly; SameSite=Strict`;
}

function tokenOf(request: FastifyRequest): string {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([name]) => name === cookieName(request))?.[1] ?? '';
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

/** Length of the header as uint32, little endian; the header as JSON; uint8 [height, width, 3], RGB. */
function pictureBytes({ id, width, height, fruit, pixels }: LinePicture): Buffer {
  const header = Buffer.from(JSON.stringify({ id, width, height, fruit }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.byteLength);
  return Buffer.concat([length, header, pixels]);
}

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

function pinNeeded(): AppError {
  return new AppError('pin-needed', 'the PIN is needed for that', { hint: 'Type it first.' });
}

function pinPaused(waitMs: number): AppError {
  return new AppError('pin-paused', `too many wrong PINs; try again in ${Math.ceil(waitMs / 1_000)} s`, {
    hint: 'Wait, then type it slowly.',
  });
}

function noView(seq: number): AppError {
  return new AppError('fruit-gone', `there is no picture of fruit ${seq} any more`, {
    hint: 'Choose one of those that are shown.',
  });
}
