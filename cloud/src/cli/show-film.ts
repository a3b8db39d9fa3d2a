import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { encodeFrameHeader } from '@pomona/grading';
import type { Line, PassingFruit } from '@pomona/orchard';
import { AppError } from '@pomona/wire';

/** From which the station learns what its belt looks like, however few frames a second there are. */
export const emptyFrames = 24;

export interface ShownFilm {
  readonly line: Line;
  readonly framesPerS: number;
  /** So many frames of empty belt more than the line itself begins with; default none. */
  readonly emptyFrames?: number;
  /** Asked before frame `seq` is drawn. */
  readonly isOver: (seq: number) => boolean;
  /** Told of each fruit that left the view. */
  readonly onPassed?: (fruit: PassingFruit) => void;
  /** Each JSON object that the program says. */
  readonly onSaid: (said: unknown) => void;
  /** Ends the program. */
  readonly signal: AbortSignal;
}

/**
 * Shows a line to a program of the agent, as fast as it can be drawn and graded: frames, each behind its header, on its standard input.
 * Returns when it has ended. Error: `agent-ended`.
 */
export async function showFilm(program: string, argument: object, film: ShownFilm): Promise<void> {
  const { onSaid, signal } = film;
  const agent = spawn(process.execPath, [program, JSON.stringify(argument)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const kill = (): void => void agent.kill();
  signal.addEventListener('abort', kill, { once: true });
  const ended = once(agent, 'exit');
  const reading = (async () => {
    for await (const text of createInterface({ input: agent.stdout })) onSaid(JSON.parse(text));
  })();
  // An agent that dies breaks the pipe; its exit says so better.
  agent.stdin.on('error', () => undefined);
  await draw(agent.stdin, film, () => agent.exitCode !== null || agent.signalCode !== null || signal.aborted);
  agent.stdin.end();
  const [code] = await ended;
  await reading;
  signal.removeEventListener('abort', kill);
  signal.throwIfAborted();
  if (code === 0) return;
  throw new AppError('agent-ended', `the agent's part of the bench ended with ${code}`, {
    hint: 'What it wrote above says why.',
  });
}

async function draw(
  out: Writable,
  { line, framesPerS, emptyFrames = 0, isOver, onPassed = () => {} }: ShownFilm,
  isGone: () => boolean,
): Promise<void> {
  const { frameWidthPx: width, frameHeightPx: height } = line.geometry;
  let written = Promise.resolve();
  for (let seq = 0; !isOver(seq) && !isGone(); seq++) {
    const data = new Uint8Array(width * height * 3);
    const encoderMm = ((seq - emptyFrames) / framesPerS) * line.beltMmPerS;
    for (const passed of line.advance(encoderMm)) onPassed(passed);
    line.draw(data, encoderMm, seq);
    const capturedAtMs = (seq * 1000) / framesPerS;
    out.write(encodeFrameHeader({ width, height, data, seq, capturedAtMs, encoderMm }));
    // One frame may be on its way while the next is drawn. A broken pipe calls back too.
    await written;
    written = new Promise((resolve) => out.write(data, () => resolve()));
  }
}
