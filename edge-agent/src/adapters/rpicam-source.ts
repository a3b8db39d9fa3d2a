/**
 * `rpicam-vid --codec yuv420` copies libcamera's buffers to standard output as they are: I420, its rows padded to what the image
 * processor of the board writes (64 bytes on a Pi 4, 128 on a Pi 5, where a row of chroma is aligned to 64), in the colour
 * space sYCC: BT.601 with the full range. Older releases used others; the program says which, and `RawFrames` listens.
 */
import type { RpicamCamera } from '@pomona/firmware-config';
import type { CameraSource } from '../domain/camera-source.ts';
import type { FrameSize } from './camera-source.ts';

export function rpicamSource(camera: RpicamCamera, size: FrameSize): CameraSource {
  // Chroma is shared by two pixels in each direction; a last odd column or row is asked for and left out.
  const askedWidthPx = roundedUp(size.frameWidthPx, 2);
  const rows = roundedUp(size.frameHeightPx, 2);
  return {
    command: 'rpicam-vid',
    args: [
      ...['--width', `${askedWidthPx}`, '--height', `${rows}`, '--framerate', `${camera.framesPerSecond}`],
      ...rpicamArguments(camera),
      // Left on, it smears what moves.
      ...['--denoise', 'cdn_off'],
      ...['--codec', 'yuv420', '--flush', '--timeout', '0', '--output', '-'],
    ],
    raw: {
      pixels: {
        format: 'yuv420',
        rowBytes: roundedUp(askedWidthPx, Math.max(2, camera.rowAlignBytes)),
        rows,
        colours: { matrix: 'bt601', range: 'full' },
        askedWidthPx,
      },
      beltMmPerS: camera.beltMmPerS,
      latencyMs: camera.latencyMs,
    },
  };
}

/** What `rpicam-vid` and `rpicam-still` share. */
export function rpicamArguments(camera: RpicamCamera): string[] {
  const { lensPosition, mode, rotate180 } = camera;
  return [
    ...['--camera', `${camera.camera}`, '--nopreview'],
    ...['--shutter', `${camera.exposureUs}`, '--gain', `${camera.gain}`],
    ...['--awbgains', `${camera.redGain},${camera.blueGain}`],
    ...(lensPosition === undefined
      ? []
      : ['--autofocus-mode', 'manual', '--lens-position', `${lensPosition}`]),
    ...(mode === undefined ? [] : ['--mode', mode]),
    ...(rotate180 ? ['--rotation', '180'] : []),
  ];
}

function roundedUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
