/**
 * A process of its own for a model that has proved nothing yet: native code that crashes takes its process down, and that must not be the one that grades.
 * Ended with the agent, and the first that the kernel ends when memory is short.
 */
import './no-telemetry.ts';
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ModelProcess {
  readonly child: ChildProcess;
  /** With why it ended, when all that it said was heard. */
  readonly ended: Promise<string>;
}

/** What it has of its own beside the model, which is native memory. */
const heapMbMax = 48;

export function openModelProcess(program: URL): ModelProcess {
  const child = fork(fileURLToPath(program), {
    execArgv: ['--single-threaded-gc', '--max-semi-space-size=2', `--max-old-space-size=${heapMbMax}`],
    // Typed arrays as they are.
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  return { child, ended: endOf(child) };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    let how: string | undefined;
    // What it said last may still be in the pipe when it is gone.
    const settle = (): void => {
      if (how !== undefined && !child.connected) resolve(how);
    };
    child.once('exit', (code, signal) => {
      how = signal === null ? `its process ended with code ${code}` : `its process was ended by ${signal}`;
      settle();
    });
    child.once('disconnect', settle);
    child.on('error', (error) => {
      if (child.pid === undefined) resolve(`its process could not be started: ${error.message}`);
    });
  });
}
