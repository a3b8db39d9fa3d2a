import type { Problem } from '@pomona/wire';

/** A request that failed: the control plane's own code and hint, or ours when it did not answer at all. */
export class ApiProblem extends Error {
  readonly code: string;
  readonly hint: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;

  constructor(problem: Problem, status: number, cause?: unknown) {
    super(problem.message, cause === undefined ? undefined : { cause });
    this.name = 'ApiProblem';
    this.code = problem.code;
    this.hint = problem.hint;
    this.status = status;
  }
}

/** From a control plane that is there. One that hangs, or a network that swallows, is told from it by this. */
const answerWithinMs = 10_000;
/** A change may be work: a photograph over a slow line. */
const sendWithinMs = 60_000;

/**
 * Reads a route of the control plane. The console is served by the control plane it talks to, so both have the
 * same contract and the answer's shape is taken at its word. Throws `ApiProblem`.
 */
export async function getJson<T>(path: string, asked: AbortSignal): Promise<T> {
  const signal = AbortSignal.any([asked, AbortSignal.timeout(answerWithinMs)]);
  const response = await answerOf(path, { signal });
  const body = await bodyOf(response, signal);
  if (!response.ok) throw new ApiProblem(problemOf(body, response.status), response.status);
  return body as T;
}

/** Changes something; resolves with the answer, null where there is none. Only of the version `ifVersion`, where that is given. Throws `ApiProblem`. */
export function sendJson<T>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  ifVersion?: number,
): Promise<T> {
  const json = {
    'content-type': 'application/json',
    ...(ifVersion === undefined ? {} : { 'if-match': `"${ifVersion}"` }),
  };
  return send<T>(method, path, body === undefined ? {} : { body: JSON.stringify(body), headers: json });
}

/** As `sendJson`, of a file's bytes under the file's own type. */
export function sendFile<T>(method: 'POST' | 'PUT', path: string, file: Blob): Promise<T> {
  return send<T>(method, path, { body: file, headers: { 'content-type': file.type } });
}

async function send<T>(method: string, path: string, init: RequestInit): Promise<T> {
  const signal = AbortSignal.timeout(sendWithinMs);
  const response = await answerOf(path, { ...init, method, signal });
  if (response.status === 204) return null as T;
  const body = await bodyOf(response, signal);
  if (!response.ok) throw new ApiProblem(problemOf(body, response.status), response.status);
  return body as T;
}

/** By whoever asked; an answer that took too long is a failure instead. */
function isGivenUp(signal: AbortSignal): boolean {
  return signal.aborted && !(signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError');
}

/** Sends a file as it is and reads the answer. Throws `ApiProblem`. */
export async function postFile<T>(path: string, file: Blob): Promise<T> {
  const signal = AbortSignal.timeout(sendWithinMs);
  const response = await answerOf(path, { signal, method: 'POST', body: file });
  const body = await bodyOf(response, signal);
  if (!response.ok) throw new ApiProblem(problemOf(body, response.status), response.status);
  return body as T;
}

async function answerOf(path: string, init: RequestInit & { signal: AbortSignal }): Promise<Response> {
  try {
    return await fetch(path, { ...init, headers: { accept: 'application/json', ...init.headers } });
  } catch (error) {
    if (isGivenUp(init.signal)) throw error;
    throw new ApiProblem(
      {
        code: 'UNREACHABLE',
        message: 'The control plane does not answer.',
        hint: 'See that it runs (`pnpm pomona up`) and that this machine reaches it.',
      },
      0,
      error,
    );
  }
}

async function bodyOf(response: Response, signal: AbortSignal): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    if (isGivenUp(signal)) throw error;
    const what = response.ok ? 'something that is not JSON' : `HTTP ${response.status}`;
    throw new ApiProblem(
      {
        code: 'NOT_UNDERSTOOD',
        message: `The control plane answered ${what}.`,
        hint: 'Something else may stand at this address, or in between. See the control plane’s log.',
      },
      response.status,
      error,
    );
  }
}

/** What a refusal of that HTTP status says, in our words where it has none of its own. */
export function problemOf(body: unknown, status: number): Problem {
  const given: Partial<Record<keyof Problem, unknown>> =
    typeof body === 'object' && body !== null ? body : {};
  const text = (value: unknown, otherwise: string) =>
    typeof value === 'string' && value ? value : otherwise;
  return {
    code: text(given.code, `HTTP_${status}`),
    message: text(given.message, `The control plane answered HTTP ${status}.`),
    hint: text(given.hint, 'See the control plane’s log.'),
  };
}
