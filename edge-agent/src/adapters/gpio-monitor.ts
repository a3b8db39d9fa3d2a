/** `gpiomon` of libgpiod, which says each edge of its pins in a line of its own. */
import { spawn } from 'node:child_process';
import { LineCutter } from '../domain/line-cutter.ts';
import { endOf, type GpioProgram, gpioError } from './gpio-program.ts';

export const gpiomon: GpioProgram = { command: 'gpiomon', args: [] };
/** How long it may take to say that it does not get its pins. */
const settleMs = 100;
const lineMax = 200;

export interface GpioMonitor {
  /** Rejects when it ends before it can have its pins. */
  readonly settled: Promise<void>;
  stop(): void;
}

export function startMonitor(
  { command, args: before }: GpioProgram,
  args: readonly string[],
  { onLine, onEnd }: { readonly onLine: (line: string) => void; readonly onEnd: (why: string) => void },
): GpioMonitor {
  const child = spawn(command, [...before, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const heard = new LineCutter(lineMax, onLine);
  child.stdout.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-300);
  });
  const ended = endOf(child, 'gpiomon').then((detail) => {
    const why = [detail, said.trim()].filter((text) => text !== '').join(': ');
    onEnd(why);
    return why;
  });
  const settling = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), settleMs));
  return {
    settled: Promise.race([ended, settling]).then((why) => {
      if (why !== undefined) throw gpioError(why);
    }),
    stop: () => void child.kill('SIGTERM'),
  };
}
