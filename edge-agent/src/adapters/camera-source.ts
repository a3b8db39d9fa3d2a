import { type CameraConfig, cameraProgram, type Geometry } from '@pomona/firmware-config';
import type { CameraSource } from '../domain/camera-source.ts';
import { ffmpegSource, replaySource } from './ffmpeg-source.ts';
import { gstreamerSource } from './gstreamer-source.ts';
import { rpicamSource } from './rpicam-source.ts';
import { simulatedSource } from './simulated-source.ts';

/** What a frame of the line is, to those who ask a program for it. */
export type FrameSize = Pick<Geometry, 'frameWidthPx' | 'frameHeightPx'>;

/** The program of a configured camera, with the arguments that make it write frames of the line's size. Throws `camera-not-here`. */
export function cameraSource(camera: CameraConfig, size: FrameSize): CameraSource {
  const { packages } = cameraProgram(camera);
  return { ...sourceOf(camera, size), ...(packages.length > 0 && { packages }) };
}

function sourceOf(camera: CameraConfig, size: FrameSize): CameraSource {
  switch (camera.kind) {
    case 'command': {
      const [command = '', ...args] = camera.command;
      return { command, args };
    }
    case 'rpicam':
      return rpicamSource(camera, size);
    case 'gstreamer':
      return gstreamerSource(camera, size);
    case 'ffmpeg':
      return ffmpegSource(camera, size);
    case 'replay':
      return replaySource(camera, size);
    case 'simulated':
      return simulatedSource(camera, size);
  }
}
