/** Runs `pomona` as its users do: as a process of its own. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export const cliProgram = fileURLToPath(new URL('../../cloud/dist/cli/main.js', import.meta.url));
export const agentProgram = fileURLToPath(new URL('../../edge-agent/dist/main.js', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** All of stderr so far. */
  stderr(): string;
  stdout(): string;
  /** Resolves when stdout or stderr has a match; rejects when the process ends before. */
  until(pattern: RegExp): Promise<RegExpMatchArray>;
  kill(signal: NodeJS.Signals): void;
  readonly finished: Promise<Finished>;
}

/** `env` is added to this process's own. */
export function start(
  program: string,
  args: readonly string[],
  cwd?: string,
  env: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, ...(cwd === undefined ? {} : { INIT_CWD: cwd }) },
    ...(cwd === undefined ? {} : { cwd }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  const finished = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as NodeJS.Signals | null,
    stdout,
    stderr,
  }));
  return {
    child,
    stderr: () => stderr,
    stdout: () => stdout,
    kill: (signal) => void child.kill(signal),
    finished,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): boolean => {
          const match = stdout.match(pattern) ?? stderr.match(pattern);
          if (match === null) return false;
          child.stdout.off('data', look);
          child.stderr.off('data', look);
          resolve(match);
          return true;
        };
        if (look()) return;
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        finished.then(
          () => reject(new Error(`ended before ${pattern}:\n${stdout.slice(-2000)}\n${stderr.slice(-4000)}`)),
          reject,
        );
      }),
  };
}

export function startCli(
  args: readonly string[],
  cwd?: string,
  env?: Readonly<Record<string, string>>,
): Running {
  return start(cliProgram, args, cwd, env);
}

export function runCli(
  args: readonly string[],
  cwd?: string,
  env?: Readonly<Record<string, string>>,
): Promise<Finished> {
  return startCli(args, cwd, env).finished;
}
