/** What is known of a kind of board, as data; a bundle is made of it. None of it was tried on hardware yet. */
import type { CameraDraft } from './camera-config.ts';

export interface BoardProfile {
  readonly title: string;
  /** Of the agent's archive, as `dpkg --print-architecture` says it. */
  readonly architecture: 'arm64';
  /** What the station runs when the engineer names no other camera. */
  readonly camera: CameraDraft;
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
/** The firmware's mailbox, of group `video`: `vcgencmd` opens it for reading, and asks there whether the board slows itself down. */
const piFirmwareDevice = '/dev/vcio r';

/** Written out, though most are the defaults: these are what an engineer sets at the line. */
const piCamera = {
  kind: 'rpicam',
  framesPerSecond: 15,
  exposureUs: 2_000,
  gain: 2,
  redGain: 2,
  blueGain: 1.8,
  beltMmPerS: 300,
} as const satisfies CameraDraft;

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
    camera: { ...piCamera, rowAlignBytes: 64 },
    bootFragments: piBoot('# No screen.', 'gpu_mem=128'),
    seedFolder: '/boot/firmware',
    seedLabel: null,
    dataDir: '/var/lib/pomona',
    watchdogDevice: '/dev/watchdog',
    devices: [...piCameraDevices, 'char-vchiq rw', piFirmwareDevice],
    privateTmp: true,
    threads: 2,
    memoryMaxMb: 1024,
  },
  pi5: {
    title: 'Raspberry Pi 5',
    architecture: 'arm64',
    camera: { ...piCamera, rowAlignBytes: 128 },
    bootFragments: piBoot(
      '# The power supply of a cabinet does not speak USB-PD.',
      'usb_max_current_enable=1',
    ),
    seedFolder: '/boot/firmware',
    seedLabel: null,
    dataDir: '/var/lib/pomona',
    watchdogDevice: '/dev/watchdog',
    devices: [...piCameraDevices, piFirmwareDevice],
    privateTmp: true,
    threads: 2,
    memoryMaxMb: 1536,
  },
  'orin-nano': {
    title: 'Jetson Orin Nano',
    architecture: 'arm64',
    camera: {
      kind: 'gstreamer',
      source: 'nvarguscamerasrc',
      captureWidthPx: 1_280,
      captureHeightPx: 720,
      framesPerSecond: 15,
      exposureUs: 2_000,
      gain: 2,
      whiteBalance: 'fluorescent',
      beltMmPerS: 300,
    },
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
