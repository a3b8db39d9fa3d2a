/** The orchard's line, whose program stands beside the agent in the repository and is no part of it: a board has neither. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SimulatedCamera } from '@pomona/firmware-config';
import { AppError } from '@pomona/wire';
import type { CameraSource } from '../domain/camera-source.ts';
import type { FrameSize } from './camera-source.ts';

const program = 'models/orchard/dist/camera-main.js';
/** Of each lane that it draws; a frame of another size is refused with both sizes. */
const laneHeightPx = 160;

/** Throws `camera-not-here` where there is no repository. `from`: a file of the agent. */
export function simulatedSource(
  camera: SimulatedCamera,
  { frameHeightPx }: FrameSize,
  from = fileURLToPath(import.meta.url),
): CameraSource {
  const { scenario, strangers, photographs } = camera;
  const lanes = Math.max(1, Math.round(frameHeightPx / laneHeightPx));
  return {
    command: process.execPath,
    args: [
      programAbove(from),
      ...['--rate', `${camera.fruitsPerSecond}`, '--fps', `${camera.framesPerSecond}`, '--lanes', `${lanes}`],
      ...['--touching', `${camera.touchingShare}`, '--backward', `${camera.backwardShare}`],
      ...['--seed', `${camera.seed}`],
      ...(scenario === undefined ? [] : ['--scenario', scenario]),
      ...(strangers.length === 0 ? [] : ['--strangers', strangers.join()]),
      ...(photographs === undefined ? [] : ['--replay', photographs]),
    ],
  };
}

function programAbove(file: string): string {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const found = join(folder, program);
    if (existsSync(found)) return found;
  }
  throw new AppError('camera-not-here', 'the simulated line is not here: it comes with the repository', {
    hint: 'Start the agent from a checkout that was built, or give the station a camera of another kind.',
  });
}
