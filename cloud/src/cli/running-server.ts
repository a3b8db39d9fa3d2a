/** Where a control plane that runs on a data folder can be reached; written at its start, removed at its stop. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, systemErrorCode } from '@pomona/wire';

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

/** The base URL of the REST API. Error: `control-plane-not-running`. */
export function findServer(dataFolder: string): string {
  try {
    return (JSON.parse(readFileSync(join(dataFolder, fileName), 'utf8')) as RunningServer).urls.console;
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
    throw notRunning(`no control plane runs on ${dataFolder}`, error);
  }
}

/** Calls the REST API; a refusal becomes the server's own coded error. */
export async function callServer<T>(server: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(
      new URL(path, server),
      body === undefined
        ? {}
        : {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(body),
          },
    );
  } catch (error) {
    throw notRunning(`no control plane answers at ${server}`, error);
  }
  const answer: unknown = await response.json();
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
