/**
 * A line camera without a line: at each tick of its frame rate it draws the belt as it is then and writes the
 * frame to a stream. A reader that is too slow loses frames (their numbers are missing), never time: the belt moves on.
 */
import type { Writable } from 'node:stream';
import { encodeFrameHeader } from '@pomona/grading';
import type { Clock } from '@pomona/wire';

/** What the camera looks at. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly beltMmPerS: number;
  /** Draws the frame number `seq`, taken at this encoder position, into `data` (uint8 [height, width, 3]). */
  readonly draw: (data: Uint8Array, encoderMm: number, seq: number) => void;
  /** Moves the belt on, also for frames that are not drawn. */
  readonly advance: (encoderMm: number) => void;
}

export interface CameraOptions {
  readonly framesPerS: number;
  readonly clock: Clock;
  readonly out: Writable;
}

/** Films the scene until the signal is aborted or the stream is closed. Rejects when the stream fails otherwise. */
export async function film(scene: Scene, options: CameraOptions, signal: AbortSignal): Promise<void> {
  const { clock, out, framesPerS } = options;
  const startMs = clock.monotonicMs();
  const data = new Uint8Array(scene.width * scene.height * 3);
  let isFree = true;
  for (let seq = 0; !signal.aborted && !out.destroyed; seq++) {
    const dueMs = startMs + (1000 * seq) / framesPerS;
    await waitUntil(dueMs, clock, signal);
    if (signal.aborted || out.destroyed) return;
    const encoderMm = (seq / framesPerS) * scene.beltMmPerS;
    scene.advance(encoderMm);
    // A tick that is over before we come to it, or a reader that has not taken the last frame: this frame is lost.
    if (!isFree || clock.monotonicMs() > dueMs + 1000 / framesPerS) continue;
    // Drawing stands for the exposure: a frame is captured when it is complete.
    scene.draw(data, encoderMm, seq);
    const capturedAtMs = clock.monotonicMs();
    const frame = { width: scene.width, height: scene.height, data, seq, capturedAtMs, encoderMm };
    isFree = false;
    out.write(encodeFrameHeader(frame));
    // The one pixel buffer is drawn anew only after the stream has passed it on.
    out.write(data, () => {
      isFree = true;
    });
  }
}

async function waitUntil(dueMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const waitMs = dueMs - clock.monotonicMs();
  await new Promise<void>((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, waitMs));
    signal.addEventListener('abort', done);
  });
}
