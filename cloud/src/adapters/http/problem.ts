import { AppError, describeErrors, isAppError, type Problem, type SchemaError } from '@pomona/wire';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { diskFull } from '../../domain/disk-full.ts';
import type { ErrorCode } from '../../domain/error-codes.ts';
import type { Logger } from '../../use-cases/ports.ts';

/** The one place where a code becomes a status. */
const statuses: Readonly<Record<ErrorCode, number>> = {
  'alert-unknown': 404,
  'bad-request': 400,
  'body-too-large': 413,
  'broker-unreachable': 503,
  'broker-url-invalid': 500,
  'certificate-refused': 403,
  'certificate-request-invalid': 400,
  'certificate-request-key': 400,
  'certificate-request-name': 400,
  'claim-expired': 410,
  'claim-unknown': 403,
  'claim-used': 409,
  'data-folder-in-use': 500,
  'data-folder-newer': 500,
  'data-folder-not-writable': 500,
  'database-busy': 503,
  'database-full': 507,
  'database-in-use': 500,
  'database-unreachable': 503,
  'database-url-invalid': 500,
  'dataset-unknown': 404,
  'digest-ambiguous': 400,
  'disk-full': 507,
  'dry-run-busy': 429,
  'feature-query': 400,
  'feature-set-unknown': 404,
  'files-removed': 409,
  'foreign-origin': 403,
  'from-unsuited': 422,
  'gate-failed': 409,
  internal: 500,
  'job-ended': 409,
  'job-unknown': 404,
  'label-unknown': 422,
  'last-admin': 409,
  'link-invalid': 403,
  'lineage-of-what': 400,
  'model-unknown': 404,
  'model-unreadable': 500,
  'models-busy': 409,
  'no-fruit': 422,
  'not-found': 404,
  'not-signed-in': 401,
  'pki-damaged': 500,
  'port-in-use': 500,
  'port-not-allowed': 500,
  'prediction-slow': 503,
  'precondition-invalid': 400,
  'project-changed': 412,
  'project-version-unknown': 404,
  'proposal-decided': 409,
  'photograph-damaged': 422,
  'photograph-format': 415,
  'photograph-size': 422,
  'photograph-unknown': 404,
  'proposal-unknown': 404,
  'quiet-hours-invalid': 422,
  'recipe-setting': 422,
  'reader-invalid': 400,
  'reader-unknown': 404,
  'opinion-own': 409,
  'opinion-unwanted': 409,
  'sample-disputed': 409,
  'sample-labelled': 409,
  'sample-undisputed': 409,
  'sample-unknown': 404,
  'role-too-low': 403,
  'run-unknown': 404,
  'secret-unreadable': 500,
  'sign-in-failed': 401,
  'place-unknown': 422,
  'rollout-empty': 422,
  'rollout-overlap': 409,
  'rollout-state': 409,
  'rollout-unknown': 404,
  'site-unknown': 404,
  'station-elsewhere': 409,
  'station-name-reserved': 409,
  'shadow-alone': 409,
  'station-unknown': 404,
  'token-unknown': 404,
  'quiet-hours': 503,
  'too-many-requests': 429,
  'user-exists': 409,
  'user-unknown': 404,
  'webhook-address': 422,
  'webhook-limit': 409,
  'webhook-unknown': 404,
};
/** Codes of other packages that can come through here. */
const otherStatuses = new Map([
  ['release-waiting', 409],
  ['dataset-without-photographs', 422],
  ['dataset-superseded', 409],
  ['not-quarantined', 422],
  ['not-acceptable', 422],
  ['zip-invalid', 422],
  ['zip-too-large', 413],
  ['upload-busy', 409],
  ['upload-broken', 400],
  ['dataset-not-written', 507],
  ['photographs-none', 404],
  ['dataset-empty', 422],
  ['labels-invalid', 422],
  ['dataset-one-class', 422],
  ['samples-too-few', 422],
  ['samples-other-shape', 422],
  ['recipe-invalid', 422],
]);

const statusOf: ReadonlyMap<string, number> = new Map([...Object.entries(statuses), ...otherStatuses]);

export function appError(code: ErrorCode, message: string, hint: string): AppError {
  return new AppError(code, message, { hint });
}

/** Every failure of `app` becomes a `Problem`. What we did not expect is logged and not told. */
export function answerWithProblems(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler(async (error, request, reply) => {
    const known = asAppError(error);
    const status = statusOf.get(known.code) ?? (known.retryable ? 503 : 500);
    if (status >= 500) logger.error({ err: error, method: request.method, url: request.url }, known.message);
    return reply.code(status).send(problemOf(known));
  });
}

export function problemOf({ code, message, hint }: AppError): Problem {
  return { code, message, hint };
}

/** The answer to a path that leads nowhere, or not by that method. */
export async function answerNotFound({
  method,
  url,
}: Pick<FastifyRequest, 'method' | 'url'>): Promise<never> {
  throw appError(
    'not-found',
    `there is no ${method} ${url.slice(0, 200)}`,
    'See /openapi.json for what there is.',
  );
}

function asAppError(error: unknown): AppError {
  if (isAppError(error)) return error;
  const full = diskFull(error);
  if (full) return full;
  const { code, statusCode, message, validation, validationContext } = error as Partial<FastifyFailure>;
  if (validation) {
    const part = validationContext ?? 'request';
    return appError(
      'bad-request',
      `${part}: ${describeErrors(validation)}`,
      'See /openapi.json for what is expected.',
    );
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return appError(
      'bad-request',
      'the content type is missing, or is none that is taken here',
      'Name it in the header content-type: application/json, application/zip for an archive, or an image’s own, such as image/jpeg.',
    );
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return appError('body-too-large', 'the request is too large', 'Send less at once.');
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return appError(
      'bad-request',
      message ?? 'the request cannot be read',
      'Send JSON as /openapi.json says.',
    );
  return new AppError('internal', 'something went wrong here', {
    hint: 'Look at the log of the control plane.',
    cause: error,
  });
}

interface FastifyFailure {
  readonly code: string;
  readonly statusCode: number;
  readonly message: string;
  readonly validation: readonly SchemaError[];
  readonly validationContext: string;
}
