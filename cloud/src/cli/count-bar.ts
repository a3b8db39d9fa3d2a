import { Presets, SingleBar } from 'cli-progress';
import type { Output } from './output.ts';

export interface CountBar {
  update(done: number, total: number): void;
  stop(): void;
}

/** Progress through things that are counted: a bar in a terminal, a line for each quarter elsewhere. */
export function createCountBar(output: Output, noun: string): CountBar {
  const bar = process.stderr.isTTY
    ? new SingleBar(
        {
          format: `  [{bar}] {value}/{total} ${noun}  {eta} s left`,
          stream: process.stderr,
          hideCursor: true,
        },
        Presets.shades_classic,
      )
    : undefined;
  let started = false;
  let quarter = 0;
  return {
    update(done, total) {
      if (!started) bar?.start(total, 0);
      started = true;
      bar?.update(done);
      const reached = Math.floor((done / total) * 4);
      if (bar === undefined && reached > quarter) output.say(`  ${done}/${total} ${noun}`);
      quarter = Math.max(quarter, reached);
    },
    stop: () => bar?.stop(),
  };
}
