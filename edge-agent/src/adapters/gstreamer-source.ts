/**
 * A pipeline of `gst-launch-1.0` that ends in RGB on file descriptor 3: NVIDIA's camera library talks on standard output.
 * GStreamer pads a row of RGB to a multiple of four bytes.
 */
import { argusWhiteBalance, type GstreamerCamera } from '@pomona/firmware-config';
import type { CameraSource } from '../domain/camera-source.ts';
import type { FrameSize } from './camera-source.ts';

export function gstreamerSource(camera: GstreamerCamera, size: FrameSize): CameraSource {
  const { frameWidthPx: width, frameHeightPx: height } = size;
  const elements = camera.source === 'nvarguscamerasrc' ? argus(camera, size) : generic(camera, size);
  return {
    command: 'gst-launch-1.0',
    args: [
      '--quiet',
      ...linked([
        ...elements,
        [`video/x-raw,format=RGB,width=${width},height=${height},pixel-aspect-ratio=1/1`],
        // A reader that is late gets the newest frames.
        ['queue', 'leaky=downstream', 'max-size-buffers=2', 'max-size-bytes=0', 'max-size-time=0'],
        ['fdsink', 'fd=3'],
      ]),
    ],
    framesFd: 3,
    raw: {
      pixels: { format: 'rgb24', rowBytes: Math.ceil((width * 3) / 4) * 4, rows: height },
      beltMmPerS: camera.beltMmPerS,
      latencyMs: camera.latencyMs,
    },
  };
}

/**
 * Ranges of one value leave the automatic exposure nothing to choose, and a named white balance is a fixed one; noise reduction
 * over time smears what moves. Scaling, cutting and the way to RGB are the image processor's.
 */
function argus(camera: GstreamerCamera, { frameWidthPx, frameHeightPx }: FrameSize): string[][] {
  const { captureWidthPx, captureHeightPx, exposureUs, gain } = camera;
  const only = (value: number): string => `"${value} ${value}"`;
  const cut = middleOf(captureWidthPx, captureHeightPx, frameWidthPx / frameHeightPx);
  return [
    [
      'nvarguscamerasrc',
      `sensor-id=${camera.sensor}`,
      `exposuretimerange=${only(exposureUs * 1000)}`,
      `gainrange=${only(gain)}`,
      `ispdigitalgainrange=${only(1)}`,
      `wbmode=${argusWhiteBalance[camera.whiteBalance]}`,
      'tnr-mode=0',
      'ee-mode=0',
    ],
    [
      `video/x-raw(memory:NVMM),format=NV12,width=${captureWidthPx},height=${captureHeightPx},framerate=${Math.round(camera.framesPerSecond * 1000)}/1000`,
    ],
    [
      'nvvidconv',
      ...[`left=${cut.left}`, `top=${cut.top}`, `right=${cut.right}`, `bottom=${cut.bottom}`],
      ...(camera.rotate180 ? ['flip-method=2'] : []),
    ],
    [`video/x-raw,format=RGBA,width=${frameWidthPx},height=${frameHeightPx}`],
    ['videoconvert'],
  ];
}

/** Raw or JPEG, as the camera has it, at the rate that the camera likes. */
function generic(camera: GstreamerCamera, { frameWidthPx, frameHeightPx }: FrameSize): string[][] {
  const size = `width=${camera.captureWidthPx},height=${camera.captureHeightPx}`;
  const controls = Object.entries(camera.controls).map(([name, value]) => `${name}=${value}`);
  return [
    camera.source === 'v4l2src'
      ? ['v4l2src', `device=${camera.device}`, `extra-controls="${['c', ...controls].join(',')}"`]
      : ['videotestsrc', 'is-live=true'],
    ['capsfilter', `caps="video/x-raw,${size};image/jpeg,${size}"`],
    ['decodebin'],
    ['videorate', 'drop-only=true', `max-rate=${Math.ceil(camera.framesPerSecond)}`],
    ['videoconvert'],
    ['aspectratiocrop', `aspect-ratio=${frameWidthPx}/${frameHeightPx}`],
    ['videoscale'],
    ...(camera.rotate180 ? [['videoflip', 'method=rotate-180']] : []),
  ];
}

/** The largest rectangle of that shape, with even corners, in the middle of a picture. */
function middleOf(width: number, height: number, shape: number) {
  const even = (value: number): number => Math.floor(value / 2) * 2;
  const cutWidth = even(Math.min(width, height * shape));
  const cutHeight = even(Math.min(height, width / shape));
  const left = even((width - cutWidth) / 2);
  const top = even((height - cutHeight) / 2);
  return { left, top, right: left + cutWidth, bottom: top + cutHeight };
}

function linked(elements: readonly (readonly string[])[]): string[] {
  return elements.flatMap((element, i) => (i === 0 ? element : ['!', ...element]));
}
