/** A camera program for tests: writes the frames of a stand-in line to its standard output. Its one argument is JSON. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { encodeFrameHeader, type LineGeometry } from '@pomona/grading';
import { systemClock } from '@pomona/wire';
import { renderFrame, type StandInFruit } from './stand-in-line.ts';

export interface StandInCamera {
  readonly geometry: LineGeometry;
  readonly fruits: readonly StandInFruit[];
  readonly framesPerSecond: number;
  readonly stepMm: number;
  /** What the frames' headers say of the belt's travel, as a share of it. Default 1. */
  readonly encoderShare?: number;
  /** Frames, then the program ends; without it the belt runs on. */
  readonly frames?: number;
  readonly exitCode?: number;
  /** Written to the standard error at the start. */
  readonly stderr?: string;
  /** Before every so many frames come some bytes that are no frame. */
  readonly garbageEvery?: number;
  /** After so many frames it writes nothing more, and stays. */
  readonly hangAfter?: number;
  /** Does not end when asked to. */
  readonly ignoresTerm?: boolean;
  /** Ends with half a frame. */
  readonly endsTorn?: boolean;
  /** Pixels without headers, of the belt as it is at that moment; it moves `stepMm` in a frame's time. */
  readonly bare?: boolean;
}

const options = JSON.parse(process.argv[2]!) as StandInCamera;
if (options.ignoresTerm === true) process.on('SIGTERM', () => undefined);
if (options.stderr !== undefined) process.stderr.write(options.stderr);

const startMs = systemClock.monotonicMs();
for (let seq = 0; seq < (options.frames ?? Number.POSITIVE_INFINITY); seq++) {
  if (seq === options.hangAfter) await pause(3_600_000);
  const dueMs = startMs + (seq * 1000) / options.framesPerSecond;
  const waitMs = dueMs - systemClock.monotonicMs();
  if (waitMs > 0) await pause(waitMs);
  const capturedAtMs = systemClock.monotonicMs();
  const periods = options.bare === true ? ((capturedAtMs - startMs) * options.framesPerSecond) / 1000 : seq;
  const at = { seq, capturedAtMs, encoderMm: periods * options.stepMm };
  const frame = renderFrame(options.geometry, options.fruits, at);
  if (options.garbageEvery !== undefined && seq % options.garbageEvery === 1)
    await write(new Uint8Array(777).fill(7));
  if (options.bare !== true)
    await write(encodeFrameHeader({ ...frame, encoderMm: at.encoderMm * (options.encoderShare ?? 1) }));
  await write(frame.data);
}
if (options.endsTorn === true)
  await write(
    encodeFrameHeader(renderFrame(options.geometry, [], { seq: 0, capturedAtMs: 0, encoderMm: 0 })),
  );
process.exitCode = options.exitCode ?? 0;

async function write(bytes: Uint8Array): Promise<void> {
  if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
}
