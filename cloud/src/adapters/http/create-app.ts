import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { TSchema } from '@pomona/schema';
import { Compile, Value } from '@pomona/schema';
import { givenInstantFormat, readInstant, type SchemaError } from '@pomona/wire';
import Fastify, {
  type FastifyInstance,
  type FastifySchemaCompiler,
  type FastifyServerOptions,
} from 'fastify';
import type { Logger } from '../../use-cases/ports.ts';
import { answerWithProblems } from './problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call the route, at least. */
    role?: 'viewer' | 'operator' | 'admin' | 'public';
  }
}

export interface AppOptions {
  readonly bodyBytesMax: number;
  /** Until all of a request must be here; 30 s unless given. */
  readonly requestTimeoutMs?: number;
  readonly tls?: {
    readonly key: string;
    readonly cert: string;
    /** Clients may show a certificate; whether it is one of this authority is for the routes to ask. */
    readonly clientCa?: string;
  };
}

/**
 * A Fastify that takes bodies as they are: no coercion, no fields silently removed, JSON only. The text of a query or a
 * path is read as the type that its schema names.
 */
export function createApp({ bodyBytesMax, tls, requestTimeoutMs = 30_000 }: AppOptions, logger: Logger) {
  const options: FastifyServerOptions = {
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 100 },
  };
  const app = (
    tls ? Fastify({ ...options, https: httpsOf(tls) } as FastifyServerOptions) : Fastify(options)
  ) as FastifyInstance;
  const typed = app.withTypeProvider<TypeBoxTypeProvider>();
  typed.setValidatorCompiler(compileValidator);
  typed.setSerializerCompiler(() => (value) => JSON.stringify(value));
  // A page of another site can send text/plain without asking first.
  typed.removeContentTypeParser('text/plain');
  answerWithProblems(app, logger);
  return typed;
}

function httpsOf({ key, cert, clientCa }: NonNullable<AppOptions['tls']>) {
  const mutual = { requestCert: true, rejectUnauthorized: false, ca: clientCa };
  return { key, cert, ...(clientCa === undefined ? {} : mutual) };
}

export type App = ReturnType<typeof createApp>;

const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const validator = Compile(schema);
  const instants = instantsOf(schema);
  const isText = httpPart === 'querystring' || httpPart === 'params';
  return (input) => {
    const given = withInstants(isText ? Value.Convert(schema, input) : input, instants);
    if (given.errors.length > 0) return { error: given.errors as unknown as Error };
    const { value } = given;
    return validator.Check(value) ? { value } : { error: validator.Errors(value) as unknown as Error };
  };
};

/** The fields of a request that are instants as people write them. Throws for one that stands deeper, which nobody would read. */
function instantsOf(schema: TSchema): string[] {
  const { properties = {} } = schema as { properties?: Record<string, object> };
  const names = Object.keys(properties).filter((name) => isInstant(properties[name]));
  if (countInstants(schema) > names.length)
    throw new Error(
      'an instant as people write it can only be a field of a request itself, not of what is in one',
    );
  return names;
}

function isInstant(part: unknown): boolean {
  return (part as { format?: unknown } | null | undefined)?.format === givenInstantFormat;
}

function countInstants(part: unknown): number {
  if (typeof part !== 'object' || part === null) return 0;
  const within = Object.values(part).reduce((sum: number, each) => sum + countInstants(each), 0);
  return within + (isInstant(part) ? 1 : 0);
}

/** Each of them as an `Instant`; what is no text is left to the schema. */
function withInstants(input: unknown, names: readonly string[]): { value: unknown; errors: SchemaError[] } {
  if (names.length === 0 || typeof input !== 'object' || input === null || Array.isArray(input))
    return { value: input, errors: [] };
  const value: Record<string, unknown> = { ...input };
  const errors: SchemaError[] = [];
  for (const name of names) {
    const text = value[name];
    if (typeof text !== 'string') continue;
    const read = readInstant(text);
    if (read.ok) value[name] = read.at;
    else errors.push({ instancePath: `/${name}`, message: read.problem });
  }
  return { value, errors };
}
