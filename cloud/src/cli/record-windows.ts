import { fileURLToPath } from 'node:url';
import { Line } from '@pomona/orchard';
import type { DriftWindow } from '@pomona/wire';
import type { benchVariantOf } from './bench-model.ts';
import { showFilm } from './show-film.ts';

/** The agent's own code counts; it is not ours to import. */
const program = fileURLToPath(new URL('../../../edge-agent/dist/bench-drift-main.js', import.meta.url));
const framesPerS = 12;
const fruitsPerS = 9;
/** Some fruit is never seen well enough to be counted, and the last of a film is still in view. */
const marginShare = 0.1;

export interface RecordOptions {
  readonly model: ReturnType<typeof benchVariantOf>;
  readonly seed: number;
  readonly windows: number;
  readonly windowFruits: number;
  /** What goes wrong, and after how many windows. */
  readonly scenario?: string;
  readonly scenarioAfter?: number;
  /** Ends the agent. */
  readonly signal: AbortSignal;
}

export interface Recording {
  readonly windows: readonly DriftWindow[];
  readonly spent: {
    readonly statisticsMs: number;
    readonly fruits: number;
    readonly inferenceMs: number;
    readonly views: number;
  };
}

/** What an agent on a drawn line would have sent, as fast as it can be drawn. Error: `agent-ended`. */
export async function recordWindows(options: RecordOptions): Promise<Recording> {
  const { model, seed, windows: count, windowFruits, scenario, scenarioAfter = 0, signal } = options;
  const secondsOf = (windows: number) => ((1 + marginShare) * windows * windowFruits) / fruitsPerS;
  const line = new Line({
    ...{ seed, fruitsPerS },
    ...(scenario === undefined ? {} : { scenario, scenarioFromS: secondsOf(scenarioAfter) }),
  });
  const frames = Math.ceil(secondsOf(count + 1) * framesPerS);
  const windows: DriftWindow[] = [];
  let spent: Recording['spent'] | undefined;
  const argument = { ...model, windowFruits };
  await showFilm(program, argument, {
    ...{ line, framesPerS, signal },
    isOver: (seq) => seq >= frames || windows.length >= count,
    onSaid: (said) => {
      const { window, spent: cost } = said as { window?: DriftWindow; spent?: Recording['spent'] };
      if (window !== undefined) windows.push(window);
      spent ??= cost;
    },
  });
  // It says so as the last thing before it ends well.
  if (spent === undefined) throw new Error('the agent did not say what it spent');
  return { windows: windows.slice(0, count), spent };
}
