import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { AppError } from '@pomona/wire';

/** Between SIGTERM and SIGKILL. */
const stopTimeoutMs = 8_000;

/** Error: `agent-ended` when the agent is not running any more. One that was not started yet is no error. */
export function checkAgentAlive(child: ChildProcess | undefined, station: string, logFile: string): void {
  if (child === undefined || isRunning(child)) return;
  throw new AppError('agent-ended', `the agent of ${station} has ended`, {
    hint: `Its log says why: ${logFile}`,
  });
}

/** Resolves when the agent is gone: asked to end, and made to where it does not. */
export async function endAgent(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || !isRunning(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
  await ended;
  clearTimeout(timer);
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
