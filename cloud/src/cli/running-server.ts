/** Where a control plane that runs on a data folder can be reached; written at its start, removed at its stop. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, localUserHeader, systemErrorCode } from '@pomona/wire';
import { localUser } from './local-actor.ts';

export interface RunningServer {
  readonly pid: number;
  readonly urls: { readonly console: string; readonly device: string; readonly broker: string };
}

const fileName = 'running.json';

export function announceServer(dataFolder: string, server: RunningServer): void {
  writeFileSync(join(dataFolder, fileName), `${JSON.stringify(server, null, 2)}\n`);
}

export function withdrawServer(dataFolder: string): void {
  rmSync(join(dataFolder, fileName), { force: true });
}

/** The base URL of the REST API, with the local token as its password, and who we are as its user. Error: `control-plane-not-running`. */
export function findServer(dataFolder: string): string {
  try {
    const { urls } = JSON.parse(readFileSync(join(dataFolder, fileName), 'utf8')) as RunningServer;
    const url = new URL(withToken(urls.console, readFileSync(join(dataFolder, 'cli-token'), 'utf8')));
    url.username = localUser() ?? '';
    return url.href;
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
    throw notRunning(`no control plane runs on ${dataFolder}`, error);
  }
}

export interface ServerOptions {
  readonly data: string;
  readonly server?: string;
  readonly token?: string;
}

export const serverOption = ['--server <url>', 'the control plane, where it does not run on --data'] as const;
export const tokenOption = ['--token <token>', 'an API token for --server (or POMONA_TOKEN)'] as const;

/** What `callServer` takes: the server that was named, else the one that runs on the data folder. */
export function serverOf({ data, server, token = process.env.POMONA_TOKEN }: ServerOptions): string {
  if (server === undefined) return findServer(data);
  return token === undefined ? server : withToken(server, token);
}

function withToken(server: string, token: string): string {
  const url = new URL(server);
  url.password = token.trim();
  return url.href;
}

/**
 * Calls the REST API; a refusal becomes the server's own coded error. The password in the server's URL, if there is
 * one, is the token that is sent, and its user the one of this machine. GET without a body, POST with one, unless `method` says otherwise.
 */
export async function callServer<T>(
  server: string,
  path: string,
  body?: unknown,
  method = body === undefined ? 'GET' : 'POST',
): Promise<T> {
  const url = new URL(path, server);
  const { password: token, username } = new URL(server);
  const isRaw = body instanceof Blob;
  let response: Response;
  try {
    response = await fetch(url.origin + url.pathname + url.search, {
      method,
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        ...(username === '' ? {} : { [localUserHeader]: username }),
        ...(body === undefined ? {} : { 'content-type': isRaw ? body.type : 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isRaw ? body : JSON.stringify(body) }),
    });
  } catch (error) {
    throw notRunning(`no control plane answers at ${url.origin}`, error);
  }
  const answer: unknown = response.status === 204 ? null : await response.json();
  if (!response.ok) {
    const problem = answer as { code?: string; message?: string; hint?: string };
    throw new AppError(
      problem.code ?? 'server-error',
      problem.message ?? `the server answered ${response.status}`,
      { hint: problem.hint ?? 'Look at the control plane’s log.' },
    );
  }
  return answer as T;
}

function notRunning(message: string, cause: unknown): AppError {
  return new AppError('control-plane-not-running', message, {
    hint: 'Start one with `pomona up`, or name its folder with --data or its address with --server.',
    cause,
  });
}
