/** What `gpioset` and `gpiomon` of libgpiod have in common. */
import { type ChildProcess, execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AppError, systemErrorCode } from '@pomona/wire';

export interface GpioProgram {
  readonly command: string;
  /** Before its own. */
  readonly args: readonly string[];
}

const answerMs = 1_000;
const run = promisify(execFile);

/** The major one. */
export async function versionOf({ command, args }: GpioProgram): Promise<number> {
  try {
    const { stdout } = await run(command, [...args, '--version'], { timeout: answerMs });
    const major = /v(\d+)\./.exec(stdout)?.[1];
    if (major === undefined) throw gpioError(`${command} does not say its version: ${stdout.slice(0, 100)}`);
    return Number(major);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    throw gpioError(`${command} is not installed: sudo apt-get install gpiod`);
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
