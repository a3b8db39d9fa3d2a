/** What is known of a kind of board, as data; a bundle is made of it. None of it was tried on hardware yet. */
import type { CameraConfig } from './station-config.ts';

export interface BoardProfile {
  readonly title: string;
  /** Of the agent's archive, as `dpkg --print-architecture` says it. */
  readonly architecture: 'arm64';
  /** What the station runs when the engineer names no other camera. */
  readonly camera: CameraConfig;
  /** Files of the boot partition. On a Pi, config.txt must `include` its one. */
  readonly bootFragments: readonly { readonly file: string; readonly lines: readonly string[] }[];
  /** Where the board finds the bundle's seed and the agent's archive while it is set up. */
  readonly seedFolder: string;
  /** The label of a medium that is mounted at `seedFolder` first; null when it is mounted already. */
  readonly seedLabel: string | null;
  readonly dataDir: string;
  readonly watchdogDevice: string;
  /** As systemd's `DeviceAllow=` names them. */
  readonly devices: readonly string[];
  /** `nvargus-daemon` is talked to by a socket in /tmp, which a private /tmp would hide. */
  readonly privateTmp: boolean;
  /** Of Node's pool for files and compression; a network runs on one thread of its own. */
  readonly threads: number;
  readonly memoryMaxMb: number;
}

const piCameraDevices = ['char-video4linux rw', 'char-media rw', 'char-dma_heap rw'];

/** Commands that write frames as `@pomona/grading` describes them; installed beside the agent. */
const cameraProgram: CameraConfig = { kind: 'command', command: ['/opt/pomona/camera'] };

/** https://www.raspberrypi.com/documentation/computers/config_txt.html */
function piBoot(...lines: string[]): BoardProfile['bootFragments'] {
  return [
    {
      file: 'pomona.txt',
      lines: [
        '# The camera connector says itself what is plugged in; name an overlay (dtoverlay=imx296) when it does not.',
        'camera_auto_detect=1',
        '# A board that hangs is started again.',
        'dtparam=watchdog=on',
        '# Nothing here plays sound or talks over the air; Wi-Fi stays, some sites need it.',
        'dtparam=audio=off',
        'dtoverlay=disable-bt',
        ...lines,
      ],
    },
  ];
}

export const boardProfiles = {
  pi4: {
    title: 'Raspberry Pi 4',
    architecture: 'arm64',
    camera: cameraProgram,
    bootFragments: piBoot('# No screen.', 'gpu_mem=128'),
    seedFolder: '/boot/firmware',
    seedLabel: null,
    dataDir: '/var/lib/pomona',
    watchdogDevice: '/dev/watchdog',
    devices: [...piCameraDevices, 'char-vchiq rw'],
    privateTmp: true,
    threads: 2,
    memoryMaxMb: 1024,
  },
  pi5: {
    title: 'Raspberry Pi 5',
    architecture: 'arm64',
    camera: cameraProgram,
    bootFragments: piBoot(
      '# The power supply of a cabinet does not speak USB-PD.',
      'usb_max_current_enable=1',
    ),
    seedFolder: '/boot/firmware',
    seedLabel: null,
    dataDir: '/var/lib/pomona',
    watchdogDevice: '/dev/watchdog',
    devices: piCameraDevices,
    privateTmp: true,
    threads: 2,
    memoryMaxMb: 1536,
  },
  'orin-nano': {
    title: 'Jetson Orin Nano',
    architecture: 'arm64',
    camera: cameraProgram,
    // Its camera connector is set up by jetson-io, see docs/installing.md; there is no file to include.
    bootFragments: [],
    seedFolder: '/run/pomona-seed',
    seedLabel: 'CIDATA',
    dataDir: '/var/lib/pomona',
    watchdogDevice: '/dev/watchdog',
    devices: [
      'char-video4linux rw',
      'char-media rw',
      '/dev/nvmap rw',
      'char-nvhost* rw',
      'char-nvidia* rw',
      'char-drm rw',
    ],
    privateTmp: false,
    threads: 4,
    memoryMaxMb: 2048,
  },
} as const satisfies Record<string, BoardProfile>;

export type BoardName = keyof typeof boardProfiles;
export const boardNames = Object.keys(boardProfiles) as BoardName[];
