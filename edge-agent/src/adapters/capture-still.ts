/**
 * One picture, for setting up a camera: of a Raspberry Pi's camera what the whole sensor sees (`rpicam-still`), of any other one
 * frame of the line. The camera must be free: two programs cannot have it.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { RpicamCamera, StationConfig } from '@pomona/firmware-config';
import type { Frame } from '@pomona/grading';
import { AppError, type Clock, type Random, systemErrorCode } from '@pomona/wire';
import { CameraProcess } from './camera-process.ts';
import { cameraSource } from './camera-source.ts';
import { encodePng } from './png.ts';
import { rpicamArguments } from './rpicam-source.ts';

export interface StillDeps {
  readonly clock: Clock;
  readonly random: Random;
}

const timeoutMs = 30_000;
/** Of the largest sensor, as a PNG that does not compress. */
const bytesMax = 256 * 2 ** 20;
/** The first frames of many cameras are dark, or of other colours. */
const framesToSkip = 4;

/**
 * Writes `file`; its ending says of what type it is: `.png`, and with a Raspberry Pi's camera `.jpg` too. Throws `still-format`,
 * `still-not-written`, or `still-failed` with what the camera's program said.
 */
export async function captureStill(
  config: Pick<StationConfig, 'camera' | 'geometry'>,
  file: string,
  deps: StillDeps,
): Promise<void> {
  const picture = await take(config, file, deps);
  try {
    await writeFile(file, picture);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    throw new AppError('still-not-written', `${file} cannot be written (${code})`, {
      hint: 'Check the path and its permissions.',
      cause: error,
    });
  }
}

async function take(
  { camera, geometry }: Pick<StationConfig, 'camera' | 'geometry'>,
  file: string,
  deps: StillDeps,
): Promise<Uint8Array> {
  const formats = camera.kind === 'rpicam' ? ['jpg', 'png'] : ['png'];
  const format = extname(file).toLowerCase().replace('.jpeg', '.jpg').slice(1);
  if (!formats.includes(format)) {
    throw new AppError(
      'still-format',
      `${file} does not end with ${formats.map((f) => `.${f}`).join(' or ')}`,
      {
        hint: 'A camera of this kind gives pictures of that type.',
      },
    );
  }
  if (camera.kind === 'rpicam') return takeStill(camera, format);
  const frame = await takeFrame({ camera, geometry }, deps);
  return encodePng(frame.data, frame.width, frame.height);
}

function takeStill(camera: RpicamCamera, format: string): Promise<Buffer> {
  const args = [
    ...rpicamArguments(camera),
    ...['--timeout', '1000', '--encoding', format, '--quality', '95', '--output', '-'],
  ];
  return new Promise((resolve, reject) => {
    const options = { encoding: 'buffer', timeout: timeoutMs, maxBuffer: bytesMax } as const;
    execFile('rpicam-still', args, options, (error, picture, said) => {
      if (error === null && picture.length > 0) return resolve(picture);
      const why = error === null ? 'rpicam-still gave no picture' : whyNoStill(error, `${said}`);
      reject(failed(why, error, hintFor(camera, why)));
    });
  });
}

function whyNoStill(error: Error & { readonly killed?: boolean }, said: string): string {
  if (systemErrorCode(error) === 'ENOENT')
    return 'rpicam-still is not installed: sudo apt-get install rpicam-apps-lite';
  const lines = said.split('\n').filter((line) => line.trim() !== '' && !/ INFO /.test(line));
  const how = error.killed === true ? `did not end within ${timeoutMs / 1000} s` : 'failed';
  return [`rpicam-still ${how}`, ...lines.slice(-3)].join(' | ');
}

/** One frame of the line, as grading gets it. Throws `still-failed`. */
export async function takeFrame(
  config: Pick<StationConfig, 'camera' | 'geometry'>,
  deps: StillDeps,
): Promise<Frame> {
  const [frame] = await takeFrames(config, deps, 1);
  return frame!;
}

/** So many, one after the other. */
export async function takeFrames(
  { camera, geometry }: Pick<StationConfig, 'camera' | 'geometry'>,
  deps: StillDeps,
  count: number,
): Promise<Frame[]> {
  let giveUp: (error: AppError) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  const timer = setTimeout(() => giveUp(failed(`no frame within ${timeoutMs / 1000} s`)), timeoutMs);
  let seen = 0;
  const process = new CameraProcess({
    source: cameraSource(camera, geometry),
    frameWidthPx: geometry.frameWidthPx,
    frameHeightPx: geometry.frameHeightPx,
    ...deps,
    onState: (state, detail) => {
      if (state === 'stopped' && seen === 0) giveUp(failed(detail, undefined, hintFor(camera, detail)));
    },
    onTrouble: () => undefined,
  });
  process.start();
  try {
    return await Promise.race([failure, framesLater()]);
  } finally {
    clearTimeout(timer);
    await process.stop();
  }

  async function framesLater(): Promise<Frame[]> {
    const frames: Frame[] = [];
    while (frames.length < count) {
      const frame = await process.next();
      // Only when it was stopped, after the failure won.
      if (frame === undefined) throw failed('the camera was stopped');
      seen++;
      if (frame.seq >= framesToSkip) frames.push(frame);
      else process.recycle(frame);
    }
    return frames;
  }
}

/** What is not installed or not there nobody can have, and of pictures that are no device's nobody can be in the way. */
function hintFor(camera: StationConfig['camera'], detail: string): string | undefined {
  if (/ is not installed|no element "/.test(detail)) return 'Install it, and try again.';
  const isDevice =
    camera.kind === 'ffmpeg' ? camera.input.startsWith('/dev/') : !/^(replay|simulated)$/.test(camera.kind);
  if (isDevice && !/No such (file|device)|Cannot identify device|what it writes is none/.test(detail))
    return undefined;
  return 'Look at `camera` in the station’s configuration; firmware-config/README.md says what its fields mean.';
}

function failed(message: string, cause?: unknown, hint?: string): AppError {
  return new AppError('still-failed', message, {
    hint: hint ?? 'Is the camera free? An agent that runs holds it: sudo systemctl stop pomona-agent.',
    ...(cause != null && { cause }),
  });
}
