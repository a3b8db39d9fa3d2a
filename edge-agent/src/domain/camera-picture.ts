import type { StationConfig } from '@pomona/firmware-config';
import { redactCredentials } from '@pomona/wire';

export type CameraPicture = Readonly<Record<string, string | number | boolean>>;

/** Of a camera's configuration, what decides which part of the world its picture shows. Of a `command` nobody but the program knows, and the simulated line always looks the same way. */
export function pictureOf(camera: StationConfig['camera']): CameraPicture {
  switch (camera.kind) {
    case 'rpicam': {
      const { camera: index, mode = 'chosen by rpicam', rotate180 } = camera;
      return { camera: index, mode, rotate180 };
    }
    case 'gstreamer': {
      const { source, captureWidthPx, captureHeightPx, rotate180, device, sensor } = camera;
      const which = source === 'v4l2src' ? { device } : { sensor };
      return { source, ...which, captureWidthPx, captureHeightPx, rotate180 };
    }
    case 'ffmpeg':
      return { input: redactCredentials(camera.input).slice(0, 300), rotate180: camera.rotate180 };
    case 'replay':
      return { rotate180: camera.rotate180 };
    case 'simulated':
    case 'command':
      return {};
  }
}

/** The first thing that is another one, in words. */
export function otherPicture(was: CameraPicture, is: CameraPicture): string | undefined {
  const name = [...new Set([...Object.keys(was), ...Object.keys(is)])].find((each) => was[each] !== is[each]);
  return name === undefined
    ? undefined
    : `${name} ${was[name] ?? 'not set'} and the station has ${is[name] ?? 'it not set'}`;
}
