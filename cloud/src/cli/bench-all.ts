import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BenchResult } from '@pomona/training';
import { AppError, systemClock } from '@pomona/wire';
import { Command } from 'commander';
import { describeBench } from './describe-bench.ts';
import { jsonOption } from './options.ts';
import { createOutput } from './output.ts';

const program = fileURLToPath(new URL('main.js', import.meta.url));

/** `names`: the benches that there are, in the order in which they run. */
export function benchAllCommand(names: readonly string[]): Command {
  return new Command('all')
    .description(`one after the other: ${names.join(', ')}`)
    .option(...jsonOption)
    .action(async ({ json }: { readonly json?: true }) => {
      const output = createOutput(json === true);
      const results: BenchResult[] = [];
      const failures: string[] = [];
      for (const name of names) {
        const fromMs = systemClock.monotonicMs();
        try {
          results.push(await benchAlone(name));
        } catch (error) {
          if (!(error instanceof Error)) throw error;
          failures.push(name);
          output.say(`bench ${name} failed: ${error.message}`);
        }
        output.say(`bench ${name} took ${((systemClock.monotonicMs() - fromMs) / 1_000).toFixed(0)} s`);
      }
      output.report({ results, failures }, results.map(describeBench).join('\n\n'));
      if (failures.length > 0) throw failed(failures);
    });
}

/** In a process of its own: what one bench leaves in memory must not slow the next. */
async function benchAlone(name: string): Promise<BenchResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'bench', name, '--json']);
  return JSON.parse(stdout) as BenchResult;
}

function failed(names: readonly string[]): AppError {
  return new AppError('bench-failed', `no figures from: ${names.join(', ')}`, {
    hint: 'Run each by itself to see why.',
  });
}
