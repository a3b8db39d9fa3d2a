/**
 * A camera that shows a film against the clock, round and round: `node dist/cli/bench-film-main.js '<FilmCamera as JSON>'`, frames on stdout. Drawing
 * a busy line takes more than grading it; playing it takes nearly nothing, so that what is measured beside it is the agent. It ends when
 * `endFile` is there.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { encodeFrameHeader, type Frame, FrameDecoder } from '@pomona/grading';
import { systemClock, systemErrorCode } from '@pomona/wire';

export interface FilmCamera {
  readonly filmFile: string;
  readonly framesPerS: number;
  /** Frames of empty belt before the first fruit, shown once. */
  readonly emptyFrames: number;
  /** Its process id goes here. */
  readonly pidFile: string;
  readonly endFile: string;
}

const given = JSON.parse(process.argv[2] ?? '{}') as FilmCamera;
writeFileSync(given.pidFile, `${process.pid}`);
process.stdout.on('error', (error) => {
  // The reader is gone: that ends the film, and is no failure.
  if (systemErrorCode(error) !== 'EPIPE') throw error;
  process.exit();
});
const frames: Frame[] = [];
new FrameDecoder().push(readFileSync(given.filmFile), (frame) => frames.push(frame));
await show();
process.exit();

async function show(): Promise<void> {
  const { framesPerS, emptyFrames, endFile } = given;
  const startMs = systemClock.monotonicMs();
  let isFree = true;
  let passedMm = 0;
  for (let seq = 0, at = 0; ; seq++, at++) {
    if (at === frames.length) {
      passedMm += frames.at(-1)!.encoderMm - frames[emptyFrames - 1]!.encoderMm;
      at = emptyFrames;
    }
    if (seq % Math.ceil(framesPerS) === 0 && existsSync(endFile)) return;
    const dueMs = startMs + (1000 * seq) / framesPerS;
    const waitMs = dueMs - systemClock.monotonicMs();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    // A reader that has not taken the last frame loses this one.
    if (!isFree) continue;
    isFree = false;
    const frame = { ...frames[at]!, seq, encoderMm: frames[at]!.encoderMm + passedMm };
    process.stdout.write(encodeFrameHeader({ ...frame, capturedAtMs: systemClock.monotonicMs() }));
    process.stdout.write(frame.data, () => {
      isFree = true;
    });
  }
}
