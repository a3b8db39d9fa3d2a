import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { BenchResult } from '@pomona/training';
import { AppError, systemClock } from '@pomona/wire';
import { Command } from 'commander';
import { describeBench } from './describe-bench.ts';
import { interruptSignal } from './interrupt.ts';
import { jsonOption, transformersOption } from './options.ts';
import { createOutput } from './output.ts';

const program = fileURLToPath(new URL('main.js', import.meta.url));
const stderrMax = 2_000;

/** `names`: the benches that there are, in the order in which they run. */
export function benchAllCommand(names: readonly string[]): Command {
  return new Command('all')
    .description(`one after the other: ${names.join(', ')}`)
    .option(...transformersOption)
    .option(...jsonOption)
    .action(async ({ json, transformers }: { readonly json?: true; readonly transformers?: string }) => {
      const output = createOutput(json === true);
      const results: BenchResult[] = [];
      const failures: string[] = [];
      const interrupt = interruptSignal();
      for (const name of names) {
        const fromMs = systemClock.monotonicMs();
        try {
          const peers =
            name === 'grade' && transformers !== undefined ? ['--transformers', transformers] : [];
          results.push(await benchAlone([name, ...peers], interrupt.signal));
        } catch (error) {
          interrupt.signal.throwIfAborted();
          if (!(error instanceof Error)) throw error;
          failures.push(name);
          output.say(`bench ${name} failed: ${error.message}`);
        }
        output.say(`bench ${name} took ${((systemClock.monotonicMs() - fromMs) / 1_000).toFixed(0)} s`);
      }
      interrupt.dispose();
      output.report({ results, failures }, results.map(describeBench).join('\n\n'));
      if (failures.length > 0) throw failed(failures);
    });
}

/**
 * In a process of its own: what one bench leaves in memory must not slow the next. And in a group of its own: a Ctrl-C in the terminal
 * reaches this process alone, which tells the bench and all that it started, and waits for its end.
 */
async function benchAlone(args: readonly string[], signal: AbortSignal): Promise<BenchResult> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [program, 'bench', ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const end = (): void => {
    const isGone = child.exitCode !== null || child.signalCode !== null;
    if (child.pid !== undefined && !isGone) process.kill(-child.pid, 'SIGTERM');
  };
  signal.addEventListener('abort', end, { once: true });
  try {
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    signal.throwIfAborted();
    if (code !== 0) throw new Error(stderr.trim().slice(-stderrMax) || `it ended with ${code}`);
    return JSON.parse(stdout) as BenchResult;
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function failed(names: readonly string[]): AppError {
  return new AppError('bench-failed', `no figures from: ${names.join(', ')}`, {
    hint: 'Run each by itself to see why.',
  });
}
