/** What `gpioset` and `gpiomon` of libgpiod have in common. */
import { type ChildProcess, type ExecFileException, execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AppError, systemErrorCode } from '@pomona/wire';

export interface GpioProgram {
  readonly command: string;
  /** Before its own. */
  readonly args: readonly string[];
}

const answerMs = 1_000;
const run = promisify(execFile);

/** Both are spoken; what a system has instead is no reason to guess. */
const wanted = 'libgpiod 2 or 1 is wanted: sudo apt-get install gpiod';

/** The major one. */
export async function versionOf(program: GpioProgram): Promise<number> {
  const { command } = program;
  const said = await runOnce(program, ['--version'], wanted);
  const version = /v(\d+)\.[\d.]+/.exec(said);
  if (version === null)
    throw gpioError(`${command} does not say its version (${said.slice(0, 100).trim()}); ${wanted}`);
  const major = Number(version[1]);
  if (major < 1) throw gpioError(`${command} is of libgpiod ${version[0].slice(1)}; ${wanted}`);
  return major;
}

/** What it wrote as it ended by itself; `advice` is for one that does not. */
export async function runOnce(
  { command, args }: GpioProgram,
  own: readonly string[],
  advice: string,
): Promise<string> {
  try {
    const { stdout } = await run(command, [...args, ...own], { timeout: answerMs });
    return stdout;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') throw gpioError(`${command} is not installed; ${wanted}`);
    const { stderr = '', message, killed } = error as ExecFileException & { readonly stderr?: string };
    if (killed === true)
      throw gpioError(`${command} ${own.join(' ')} did not end within ${answerMs} ms; ${advice}`);
    // Node's own message is the whole command before that, in two lines.
    throw gpioError(stderr.trim() || message.trim());
  }
}

/** How it ended. */
export function endOf(child: ChildProcess, name: string): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(`${name} ended with ${signal ?? `code ${code}`}`));
  });
}

export function gpioError(message: string): AppError {
  return new AppError('gate-gpio', message, {
    hint: 'Try gpioset and gpiomon by hand as the user pomona: the chip, the line numbers, the group gpio.',
    retryable: true,
  });
}
