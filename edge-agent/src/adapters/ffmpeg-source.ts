/**
 * `ffmpeg` reads nearly everything and turns it into RGB by itself, with the matrix and range that the stream names. Frames
 * beyond the rate are left out, and none is shown twice: a picture with a new time would be a belt that stands still.
 */
import type { FfmpegCamera, ReplayCamera } from '@pomona/firmware-config';
import type { CameraSource } from '../domain/camera-source.ts';
import type { FrameSize } from './camera-source.ts';

export function ffmpegSource(camera: FfmpegCamera, size: FrameSize): CameraSource {
  return source(camera, size, [...(camera.inputOptions ?? optionsFor(camera.input)), '-i', camera.input]);
}

export function replaySource(camera: ReplayCamera, size: FrameSize): CameraSource {
  const folder = camera.folder.replace(/[*?[\]\\{}%]/g, '\\$&');
  // Of no picture it says "Input/output error".
  const hint = `are there pictures ${camera.pattern} in ${camera.folder}?`;
  const input = [
    ...[
      '-re',
      '-f',
      'image2',
      '-pattern_type',
      'glob',
      '-loop',
      '1',
      '-framerate',
      `${camera.framesPerSecond}`,
    ],
    ...['-i', `${folder}/${camera.pattern}`],
  ];
  return { ...source(camera, size, input), hint };
}

function source(
  camera: (FfmpegCamera | ReplayCamera) & { readonly matrix?: FfmpegCamera['matrix'] },
  { frameWidthPx: width, frameHeightPx: height }: FrameSize,
  input: readonly string[],
): CameraSource {
  const { framesPerSecond, matrix } = camera;
  const filters = [
    // A tenth of a period's play: times are rounded on their way.
    `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${0.9 / framesPerSecond})'`,
    `crop='min(iw,ih*${width}/${height})':'min(ih,iw*${height}/${width})'`,
    // Without these flags chroma is not interpolated, and colours are off by a few steps.
    `scale=${width}:${height}:flags=bilinear+accurate_rnd+full_chroma_inp+full_chroma_int${matrix === undefined ? '' : `:in_color_matrix=${matrix}`}`,
    ...(camera.rotate180 ? ['hflip', 'vflip'] : []),
    // Raw video has a constant rate: with any other times ffmpeg would repeat frames to keep it.
    `setpts=N/(${framesPerSecond}*TB)`,
  ];
  return {
    command: 'ffmpeg',
    args: [
      ...['-hide_banner', '-nostdin', '-loglevel', 'warning', ...input, '-map', '0:v:0'],
      ...['-vf', filters.join(','), '-r', `${framesPerSecond}`],
      ...['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'],
    ],
    raw: {
      pixels: { format: 'rgb24', rowBytes: width * 3, rows: height },
      beltMmPerS: camera.beltMmPerS,
      latencyMs: camera.latencyMs,
    },
  };
}

function optionsFor(input: string): string[] {
  if (input.startsWith('rtsp://'))
    return ['-rtsp_transport', 'tcp', '-fflags', 'nobuffer', '-flags', 'low_delay'];
  if (input.startsWith('/dev/')) return ['-f', 'v4l2'];
  // A stream of another kind comes at its own pace, a file must be held back to it.
  return /^[a-z][a-z0-9+.-]*:\/\//.test(input) ? [] : ['-re', '-stream_loop', '-1'];
}
