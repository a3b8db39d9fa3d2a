import type { CameraConfig } from './camera-config.ts';

export interface CameraProgram {
  readonly program: string;
  /** Of Debian and what is made of it, that bring the program. */
  readonly packages: readonly string[];
  /** A line for `sh` that succeeds when nothing has to be installed. */
  readonly isThere: string;
}

const gstreamerPackages = [
  'gstreamer1.0-tools',
  'gstreamer1.0-plugins-base',
  'gstreamer1.0-plugins-good',
] as const;

/** The program that a camera needs on the board. */
export function cameraProgram(camera: CameraConfig): CameraProgram {
  switch (camera.kind) {
    case 'command':
      return { program: camera.command[0]!, packages: [], isThere: 'true' };
    case 'simulated':
      return { program: 'node', packages: [], isThere: 'true' };
    case 'rpicam':
      return {
        program: 'rpicam-vid',
        packages: ['rpicam-apps-lite'],
        isThere: 'command -v rpicam-vid',
      };
    case 'gstreamer':
      return {
        program: 'gst-launch-1.0',
        packages: [
          ...gstreamerPackages,
          ...(camera.source === 'nvarguscamerasrc' ? ['nvidia-l4t-gstreamer'] : []),
        ],
        isThere: `gst-inspect-1.0 --exists ${camera.source} && gst-inspect-1.0 --exists videoconvert`,
      };
    case 'ffmpeg':
    case 'replay':
      return { program: 'ffmpeg', packages: ['ffmpeg'], isThere: 'command -v ffmpeg' };
  }
}
