import type { BenchResult } from '@pomona/training';
import { describeBench } from './describe-bench.ts';
import { interruptSignal } from './interrupt.ts';
import { pathOption } from './options.ts';
import { createOutput, type Output } from './output.ts';

export const modelDataOption = [
  '--data <folder>',
  'take the newest model of this data folder instead of training one',
  pathOption,
] as const;

/** A bench that Ctrl-C ends in order, since it has processes and a folder to clear away: those first, and then this one. */
export async function underWay(
  json: true | undefined,
  run: (by: { signal: AbortSignal; say: Output['say']; output: Output }) => Promise<BenchResult>,
): Promise<void> {
  const output = createOutput(json === true);
  const interrupt = interruptSignal();
  try {
    const result = await run({ signal: interrupt.signal, say: output.say, output });
    output.report(result, describeBench(result));
  } catch (error) {
    // Whatever broke when its processes were ended, it is no fault of the bench.
    interrupt.signal.throwIfAborted();
    throw error;
  } finally {
    interrupt.dispose();
  }
}
