import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { defaultLineGeometry, encodeFrameHeader } from '@pomona/grading';
import { Line } from '@pomona/orchard';
import { AppError, type DriftWindow } from '@pomona/wire';

/** The agent's own code counts; it is not ours to import. */
const program = fileURLToPath(new URL('../../../edge-agent/dist/bench-drift-main.js', import.meta.url));
const framesPerS = 12;
const fruitsPerS = 9;
/** Some fruit is never seen well enough to be counted, and the last of a film is still in view. */
const marginShare = 0.1;

export interface RecordOptions {
  readonly model: {
    readonly labels: readonly string[];
    readonly inputSize: number;
    readonly variant: string;
    readonly modelFile: string;
  };
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
  const { model, windowFruits, signal } = options;
  const agent = spawn(process.execPath, [program, JSON.stringify({ ...model, windowFruits })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const kill = (): void => void agent.kill();
  signal.addEventListener('abort', kill, { once: true });
  const ended = once(agent, 'exit');
  const windows: DriftWindow[] = [];
  let spent: Recording['spent'] | undefined;
  const reading = (async () => {
    for await (const text of createInterface({ input: agent.stdout })) {
      const said = JSON.parse(text) as { window?: DriftWindow; spent?: Recording['spent'] };
      if (said.window !== undefined) windows.push(said.window);
      spent ??= said.spent;
    }
  })();
  // An agent that dies breaks the pipe; its exit says so better.
  agent.stdin.on('error', () => undefined);
  const isGone = () => agent.exitCode !== null || agent.signalCode !== null || signal.aborted;
  await film(agent.stdin, options, () => windows.length >= options.windows || isGone());
  agent.stdin.end();
  const [code] = await ended;
  await reading;
  signal.removeEventListener('abort', kill);
  signal.throwIfAborted();
  if (code === 0 && spent !== undefined) return { windows: windows.slice(0, options.windows), spent };
  throw new AppError('agent-ended', `the agent's part of the bench ended with ${code}`, {
    hint: 'What it wrote above says why.',
  });
}

async function film(out: Writable, options: RecordOptions, isEnough: () => boolean): Promise<void> {
  const { seed, windows, windowFruits, scenario, scenarioAfter = 0 } = options;
  const secondsOf = (count: number) => ((1 + marginShare) * count * windowFruits) / fruitsPerS;
  const line = new Line({
    ...{ seed, geometry: defaultLineGeometry, fruitsPerS },
    ...(scenario === undefined ? {} : { scenario, scenarioFromS: secondsOf(scenarioAfter) }),
  });
  const { frameWidthPx: width, frameHeightPx: height } = defaultLineGeometry;
  const frames = Math.ceil(secondsOf(windows + 1) * framesPerS);
  let written = Promise.resolve();
  for (let seq = 0; seq < frames && !isEnough(); seq++) {
    const data = new Uint8Array(width * height * 3);
    const encoderMm = (seq / framesPerS) * line.beltMmPerS;
    line.advance(encoderMm);
    line.draw(data, encoderMm, seq);
    const capturedAtMs = (seq * 1000) / framesPerS;
    out.write(encodeFrameHeader({ width, height, data, seq, capturedAtMs, encoderMm }));
    // One frame may be on its way while the next is drawn. A broken pipe calls back too.
    await written;
    written = new Promise((resolve) => out.write(data, () => resolve()));
  }
}
