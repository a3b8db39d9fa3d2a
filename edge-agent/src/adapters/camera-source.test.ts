/** What camera programs are told, and what becomes of their bytes; the programs are stand-ins that write what the real ones would. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CameraDraft, checkStationConfig } from '@pomona/firmware-config';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CameraBench, meanColour } from '../testing/camera-bench.ts';
import { putOnPath, type StandInProgram } from '../testing/stand-in-program.ts';
import type { CameraProcessOptions } from './camera-process.ts';
import { cameraSource } from './camera-source.ts';

const patience = { timeout: 20_000, interval: 10 };
const path = process.env.PATH;
let folder = '';
let open: CameraBench[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-camera-'));
});
afterEach(async () => {
  await Promise.all(open.map(({ camera }) => camera.stop()));
  open = [];
  process.env.PATH = path;
  rmSync(folder, { recursive: true, force: true });
});

function sourceOf(camera: CameraDraft, frameWidthPx: number, frameHeightPx: number) {
  const place = { v: 1, site: 's', line: 'l', station: 'a', dataDir: '/data' };
  const config = checkStationConfig({ ...place, camera }, 'station.json');
  return cameraSource(config.camera, { frameWidthPx, frameHeightPx });
}

function start(
  camera: CameraDraft,
  [width, height]: readonly [number, number],
  options: Partial<CameraProcessOptions> = {},
): CameraBench {
  const bench = new CameraBench(sourceOf(camera, width, height), width, height, options);
  open.push(bench);
  return bench;
}

/** The value behind an option. */
function after(args: readonly string[], option: string): string | undefined {
  return args[args.indexOf(option) + 1];
}

/** I420 of a red left and a green right half (BT.601, full range), in padded rows with rubbish between them. */
function padded(width: number, height: number, rowBytes: number): Uint8Array {
  const yuv = new Uint8Array((rowBytes * height * 3) / 2).fill(199);
  const plane = (
    start: number,
    step: number,
    rows: number,
    columns: number,
    values: readonly number[],
  ): void => {
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++) yuv[start + y * step + x] = values[x < columns / 2 ? 0 : 1]!;
  };
  plane(0, rowBytes, height, width, [76, 150]);
  plane(rowBytes * height, rowBytes / 2, height / 2, width / 2, [85, 44]);
  plane((rowBytes * height * 5) / 4, rowBytes / 2, height / 2, width / 2, [255, 21]);
  return yuv;
}

const info =
  '[0:07:21.0] [59] INFO Camera camera.cpp:1202 configuring streams: (0) 542x48-YUV420/sYCC (1) 640x480-BGGR_PISP_COMP1/RAW\n';

describe('rpicam', () => {
  const camera = { kind: 'rpicam', exposureUs: 1_500, gain: 4, redGain: 2.2, blueGain: 1.5 } as const;

  it.each([
    [64, 576],
    [128, 640],
  ] as const)('reads an odd width out of rows at multiples of %i bytes', async (rowAlignBytes, rowBytes) => {
    const frame = padded(542, 48, rowBytes);
    const args = putOnPath(folder, 'rpicam-vid', {
      bytes: Buffer.concat([frame, frame, frame]),
      stderr: info,
    });
    const bench = start({ ...camera, rowAlignBytes }, [541, 47]);
    for (const frame of await bench.take(3)) {
      expect(frame).toMatchObject({ width: 541, height: 47 });
      expect(meanColour(frame, [0, 0, 270, 47])).toEqual([254, 0, 0]);
      expect(meanColour(frame, [272, 0, 541, 47])).toEqual([0, 255, 1]);
    }
    expect(bench.states).toEqual(['running: 541 x 47']);
    expect(bench.troubles).toEqual([]);
    expect(after(args(), '--width')).toBe('542');
    expect(after(args(), '--height')).toBe('48');
  });

  it('asks for fixed exposure, gain, white balance and focus', async () => {
    const args = putOnPath(folder, 'rpicam-vid', { bytes: padded(64, 64, 64) });
    await start(
      {
        ...camera,
        camera: 1,
        lensPosition: 2.5,
        mode: '1332:990:10:P',
        rotate180: true,
        framesPerSecond: 20,
      },
      [64, 64],
    ).take(1);
    expect(args().join(' ')).toBe(
      '--width 64 --height 64 --framerate 20 --camera 1 --nopreview --shutter 1500 --gain 4 --awbgains 2.2,1.5 ' +
        '--autofocus-mode manual --lens-position 2.5 --mode 1332:990:10:P --rotation 180 ' +
        '--denoise cdn_off --codec yuv420 --flush --timeout 0 --output -',
    );
  });

  it('stops a camera that gives another size than was asked for, and says so', async () => {
    putOnPath(folder, 'rpicam-vid', { stderr: info });
    const bench = start(camera, [64, 64]);
    await expect.poll(() => bench.states[0], patience).toContain('gives 542 x 48 pixels where 64 x 64');
  });

  it('tells what the program said last when it ends', async () => {
    const stderr = `${info}ERROR: *** no cameras available ***\n`;
    putOnPath(folder, 'rpicam-vid', { stderr, exitCode: 255 });
    const bench = start(camera, [542, 48]);
    await expect
      .poll(() => bench.states[0], patience)
      .toBe('stopped: rpicam-vid ended with code 255 | ERROR: *** no cameras available ***');
  });
});

describe('gstreamer', () => {
  /** Rows of 5 pixels are 15 bytes, and one of padding. */
  const told: StandInProgram = {
    fd: 3,
    bytes: Uint8Array.from({ length: 16 * 2 }, (_, i) => (i % 16 === 15 ? 255 : 50 + ((i % 16) % 3))),
    stdout: 'GST_ARGUS: Creating output stream\nCONSUMER: Waiting until producer is connected...\n',
  };

  it('fixes exposure, gain and white balance of a Jetson’s camera, and cuts the frame’s shape out of the middle', async () => {
    const args = putOnPath(folder, 'gst-launch-1.0', told);
    const bench = start(
      { kind: 'gstreamer', source: 'nvarguscamerasrc', sensor: 1, rotate180: true },
      [5, 2],
    );
    const [frame] = await bench.take(1);
    expect([...frame!.data]).toEqual(Array.from({ length: 30 }, (_, i) => 50 + (i % 3)));
    expect(bench.troubles).toEqual([]);
    expect(args().join(' ')).toBe(
      '--quiet nvarguscamerasrc sensor-id=1 exposuretimerange="2000000 2000000" gainrange="2 2" ' +
        'ispdigitalgainrange="1 1" wbmode=3 tnr-mode=0 ee-mode=0 ' +
        '! video/x-raw(memory:NVMM),format=NV12,width=1280,height=720,framerate=15000/1000 ' +
        '! nvvidconv left=0 top=104 right=1280 bottom=616 flip-method=2 ! video/x-raw,format=RGBA,width=5,height=2 ' +
        '! videoconvert ! video/x-raw,format=RGB,width=5,height=2,pixel-aspect-ratio=1/1 ' +
        '! queue leaky=downstream max-size-buffers=2 max-size-bytes=0 max-size-time=0 ! fdsink fd=3',
    );
  });

  it('sets the controls of a camera that Linux knows', async () => {
    const args = putOnPath(folder, 'gst-launch-1.0', told);
    const controls = { exposure_time_absolute: 12, gain: 3 };
    await start({ kind: 'gstreamer', source: 'v4l2src', device: '/dev/video2', controls }, [5, 2]).take(1);
    expect(args().slice(1, 4)).toEqual([
      'v4l2src',
      'device=/dev/video2',
      'extra-controls="c,exposure_time_absolute=12,gain=3"',
    ]);
  });
});

describe('ffmpeg', () => {
  const bytes = new Uint8Array(64 * 64 * 3).fill(7);

  it.each<[string, Partial<CameraDraft>, string]>([
    [
      'a camera in the network',
      { input: 'rtsp://10.0.0.9/1' },
      '-rtsp_transport tcp -fflags nobuffer -flags low_delay',
    ],
    ['a device', { input: '/dev/video0' }, '-f v4l2'],
    ['a film', { input: '/films/line.mp4' }, '-re -stream_loop -1'],
    ['another address', { input: 'http://10.0.0.9/stream' }, ''],
    ['what the configuration says', { input: 'x', inputOptions: ['-f', 'lavfi'] }, '-f lavfi'],
  ])('opens %s', async (_, given, expected) => {
    const args = putOnPath(folder, 'ffmpeg', { bytes });
    await start({ kind: 'ffmpeg', ...given } as CameraDraft, [64, 64]).take(1);
    expect(args().slice(4, args().indexOf('-i')).join(' ')).toBe(expected);
    expect(args().slice(-5)).toEqual(['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']);
  });

  it('tells nobody the password of a camera', async () => {
    const stderr = 'rtsp://admin:secret@10.0.0.9/1: 401 Unauthorized\n';
    putOnPath(folder, 'ffmpeg', { stderr, exitCode: 1 });
    const bench = start({ kind: 'ffmpeg', input: 'rtsp://admin:secret@10.0.0.9/1' }, [64, 64]);
    await expect
      .poll(() => bench.states[0], patience)
      .toBe('stopped: ffmpeg ended with code 1 | rtsp://10.0.0.9/1: 401 Unauthorized');
    expect(bench.troubles).toEqual(['camera-stderr: rtsp://10.0.0.9/1: 401 Unauthorized']);
  });

  it('drops the oldest frames when nobody takes them, and starts a program again that hangs', async () => {
    const frames = Uint8Array.from({ length: bytes.length * 8 }, (_, i) => Math.floor(i / bytes.length));
    putOnPath(folder, 'ffmpeg', { bytes: frames });
    const bench = start({ kind: 'ffmpeg', input: '/film' }, [64, 64], {
      queueFramesMax: 2,
      silenceMs: 300,
      restartFirstMs: 60_000,
      restartMaxMs: 60_000,
    });
    await expect
      .poll(() => bench.states, patience)
      .toEqual(['running: 64 x 64', 'stopped: no frame for 300 ms']);
    expect(bench.camera.droppedFrames).toBe(6);
    expect((await bench.take(2)).map(({ data }) => data[0])).toEqual([6, 7]);
  });
});

it.each<[CameraDraft, string]>([
  [{ kind: 'rpicam' }, 'rpicam-vid is not installed: sudo apt-get install rpicam-apps-lite'],
  [
    { kind: 'gstreamer', source: 'v4l2src' },
    'gst-launch-1.0 is not installed: sudo apt-get install gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good',
  ],
  [{ kind: 'replay', folder: '/pictures' }, 'ffmpeg is not installed: sudo apt-get install ffmpeg'],
])('says which package is missing for %o', async (camera, message) => {
  process.env.PATH = folder;
  const bench = start(camera, [64, 64]);
  await expect.poll(() => bench.states[0], patience).toBe(`stopped: ${message}`);
});
