/**
 * Whether the grading worker does its work, judged by what it says alone. It is alive as long as its event loop turns
 * (it says figures every second) and, once its camera was started, frames arrive or the camera is started again in time.
 * A camera that cannot be started is no reason to restart the agent: that would mend nothing.
 */
import type { FromLine } from './line-messages.ts';

/** Longer than the longest pause before a worker that died is started again, and than loading a network takes. */
const workerSilenceMsMax = 20_000;
/** Longer than a camera may take to come up (15 s), to be killed (2 s) and to wait for its next start (10 s). */
const cameraSilenceMsMax = 40_000;

export class LineLiveness {
  #workerAtMs: number;
  /** Undefined while no camera was started: a station without a release has nothing to look at. */
  #cameraAtMs: number | undefined;

  constructor(nowMs: number) {
    this.#workerAtMs = nowMs;
  }

  hear(message: FromLine, nowMs: number): void {
    this.#workerAtMs = nowMs;
    const isSign =
      message.kind === 'camera' ||
      message.kind === 'running' ||
      (message.kind === 'figures' && message.figures.framesPerSecond > 0);
    if (isSign) this.#cameraAtMs = nowMs;
    // A worker that was started again begins without a camera.
    if (message.kind === 'ready') this.#cameraAtMs = undefined;
  }

  isAlive(nowMs: number): boolean {
    if (nowMs - this.#workerAtMs > workerSilenceMsMax) return false;
    return this.#cameraAtMs === undefined || nowMs - this.#cameraAtMs <= cameraSilenceMsMax;
  }
}
