/** The real ffmpeg and GStreamer, with pictures whose colours are known; skipped aloud where they are not installed. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CameraDraft, checkStationConfig } from '@pomona/firmware-config';
import type { Frame } from '@pomona/grading';
import { seededRandom, systemClock } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { CameraBench, meanColour } from '../testing/camera-bench.ts';
import { cameraSource } from './camera-source.ts';
import { captureStill } from './capture-still.ts';
import { encodePng } from './png.ts';

let folder = '';
let open: CameraBench[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-camera-'));
});
afterEach(async () => {
  await Promise.all(open.map(({ camera }) => camera.stop()));
  open = [];
  rmSync(folder, { recursive: true, force: true });
});

function needs(context: TestContext, program: string): void {
  try {
    execFileSync(program, [program === 'ffmpeg' ? '-version' : '--version'], { stdio: 'ignore' });
  } catch (error) {
    if ((error as { code?: string }).code !== 'ENOENT' || process.env.POMONA_REQUIRE_ALL === '1') throw error;
    context.skip(`${program} is not installed`);
  }
}

function configOf(camera: CameraDraft, frameWidthPx: number, frameHeightPx: number) {
  const place = { v: 1, site: 's', line: 'l', station: 'a', dataDir: '/data' };
  return checkStationConfig(
    { ...place, camera, geometry: { frameWidthPx, frameHeightPx, mmPerPx: 4.8 } },
    'station.json',
  );
}

function start(draft: CameraDraft, width: number, height: number): CameraBench {
  const { camera, geometry } = configOf(draft, width, height);
  const bench = new CameraBench(cameraSource(camera, geometry), width, height);
  open.push(bench);
  return bench;
}

function expectNear(actual: readonly number[], expected: readonly number[], within = 3): void {
  const far = actual.some((value, i) => Math.abs(value - expected[i]!) > within);
  expect(far, `${actual} is not within ${within} of ${expected}`).toBe(false);
}

/** A red upper left, a green upper right, a blue lower half. */
function flag(width: number, height: number): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const colour = i >= (width * height) / 2 ? 2 : i % width < width / 2 ? 0 : 1;
    rgb[i * 3 + colour] = 200;
  }
  return rgb;
}

function expectFlag(frame: Frame, turned = false): void {
  const { width, height } = frame;
  const inside = 4;
  const colours = [
    meanColour(frame, [inside, inside, width / 2 - inside, height / 2 - inside]),
    meanColour(frame, [width / 2 + inside, inside, width - inside, height / 2 - inside]),
    meanColour(frame, [inside, height / 2 + inside, width - inside, height - inside]),
  ];
  if (!turned) {
    expectNear(colours[0]!, [200, 0, 0]);
    expectNear(colours[1]!, [0, 200, 0]);
    expectNear(colours[2]!, [0, 0, 200]);
    return;
  }
  expectNear(colours[0]!, [0, 0, 200]);
  expectNear(colours[1]!, [0, 0, 200]);
  expectNear(
    meanColour(frame, [inside, height / 2 + inside, width / 2 - inside, height - inside]),
    [0, 200, 0],
  );
}

describe('ffmpeg', () => {
  it('shows a folder of pictures again and again, cut to the frame’s shape', async (context) => {
    needs(context, 'ffmpeg');
    const pictures = join(folder, 'a [1] folder');
    mkdirSync(pictures);
    // Twice as wide as the frame is: a quarter falls away on each side.
    for (const name of ['1.png', '2.png']) {
      const colour = name === '1.png' ? 120 : 200;
      const rgb = flag(256, 64).map((value, i) =>
        (i / 3) % 256 < 64 || (i / 3) % 256 >= 192 ? 255 : value && colour,
      );
      writeFileSync(join(pictures, name), encodePng(rgb, 256, 64));
    }
    const bench = start({ kind: 'replay', folder: pictures, pattern: '*.png', framesPerSecond: 50 }, 128, 64);
    const frames = await bench.take(5);
    const reds = frames.map((frame) => meanColour(frame, [2, 2, 62, 30])[0]);
    expect(reds).toEqual([120, 200, 120, 200, 120]);
    expect(bench.troubles).toEqual([]);
    for (let i = 1; i < frames.length; i++)
      expect(frames[i]!.encoderMm).toBeGreaterThan(frames[i - 1]!.encoderMm);
  });

  it('says first what GStreamer names as the error, of a camera that is not there', async (context) => {
    needs(context, 'gst-launch-1.0');
    const bench = start({ kind: 'gstreamer', source: 'v4l2src', device: '/dev/video99' }, 128, 64);
    await expect
      .poll(() => bench.states[0], { timeout: 20_000 })
      .toMatch(/^stopped: gst-launch-1.0 ended with code \d+ \| ERROR: .*(\/dev\/video99|"v4l2src")/);
  });

  it('says where it looked for pictures when there are none', async (context) => {
    needs(context, 'ffmpeg');
    const bench = start({ kind: 'replay', folder, pattern: '*.none' }, 128, 64);
    const expected = `stopped: ffmpeg ended with code 1: are there pictures *.none in ${folder}? | `;
    await expect.poll(() => bench.states[0]?.slice(0, expected.length), { timeout: 20_000 }).toBe(expected);
  });

  it.for([
    ['bt601', 'tv'],
    ['bt601', 'pc'],
    ['bt709', 'tv'],
    ['bt709', 'pc'],
  ] as const)('believes a film that says %s, %s', async ([matrix, range], context) => {
    needs(context, 'ffmpeg');
    const bench = start({ kind: 'ffmpeg', input: makeFilm(matrix, range) }, 128, 64);
    // The second comes after the film’s end: it is shown again.
    for (const frame of await bench.take(2)) expectFlag(frame);
    expect(bench.troubles).toEqual([]);
  });

  it('takes the configuration’s word for a film that says nothing, and turns it', async (context) => {
    needs(context, 'ffmpeg');
    const film = makeFilm('bt709', 'tv', 'silent');
    const bench = start({ kind: 'ffmpeg', input: film, matrix: 'bt709', rotate180: true }, 128, 64);
    expectFlag((await bench.take(1))[0]!, true);
  });

  it('leaves frames out of a stream that is faster than wanted, and repeats none of one that is slower', async (context) => {
    needs(context, 'ffmpeg');
    const options = ['-re', '-f', 'lavfi'];
    const take = async (rate: number): Promise<number> => {
      // Its picture changes with every frame.
      const input = `testsrc2=size=64x64:rate=${rate}`;
      const bench = start({ kind: 'ffmpeg', input, inputOptions: options, framesPerSecond: 20 }, 64, 64);
      const frames = await bench.take(12);
      await bench.camera.stop();
      expect(new Set(frames.map(({ data }) => Buffer.from(data).toString('latin1'))).size).toBe(12);
      return 11_000 / (frames.at(-1)!.capturedAtMs - frames[0]!.capturedAtMs);
    };
    const [slow, fast] = [await take(10), await take(60)];
    expect(slow).toBeLessThan(15);
    expect(fast).toBeGreaterThan(15);
    expect(fast).toBeLessThan(30);
  });

  it('gives a still of the stream as a PNG that others can read', async (context) => {
    needs(context, 'ffmpeg');
    const still = join(folder, 'still.png');
    const config = configOf({ kind: 'ffmpeg', input: makeFilm('bt601', 'pc') }, 128, 64);
    const deps = { clock: systemClock, random: seededRandom(1) };
    await captureStill(config, still, deps);
    const decode = ['-v', 'error', '-i', still, '-f', 'rawvideo', '-pix_fmt', 'rgb24', '-'];
    const data = execFileSync('ffmpeg', decode);
    expectFlag({ width: 128, height: 64, data, seq: 0, capturedAtMs: 0, encoderMm: 0 });
    await expect(captureStill(config, join(folder, 'still.jpg'), deps)).rejects.toMatchObject({
      code: 'still-format',
    });
    const wrong = configOf({ kind: 'ffmpeg', input: join(folder, 'nothing.mp4') }, 128, 64);
    await expect(captureStill(wrong, still, deps)).rejects.toMatchObject({
      code: 'still-failed',
      message: expect.stringContaining('No such file or directory'),
    });
  });
});

describe('GStreamer', () => {
  it.for([
    [128, 64],
    [125, 65],
  ] as const)(
    'gives %i x %i pixels of its test picture in the right colours',
    async ([width, height], context) => {
      needs(context, 'gst-launch-1.0');
      const bench = start(
        { kind: 'gstreamer', source: 'videotestsrc', captureWidthPx: 320, captureHeightPx: 160 },
        width,
        height,
      );
      for (const frame of await bench.take(3)) {
        // The upper two thirds of SMPTE's bars: seven of three quarters' light, of which the frame's shape keeps these whole.
        const bar = (n: number): number[] => {
          const from = Math.round((n * width) / 7);
          return meanColour(frame, [from + 3, 2, from + 6, Math.floor(height / 2)]);
        };
        expectNear(bar(1), [255, 255, 0], 8);
        expectNear(bar(3), [0, 255, 0], 8);
        expectNear(bar(5), [255, 0, 0], 8);
      }
      expect(bench.troubles).toEqual([]);
    },
  );

  it('says what is missing when the camera’s plugin is not installed', async (context) => {
    needs(context, 'gst-launch-1.0');
    const bench = start({ kind: 'gstreamer', source: 'nvarguscamerasrc' }, 128, 64);
    await expect
      .poll(() => bench.states[0], { timeout: 20_000, interval: 10 })
      .toMatch(/^stopped: gst-launch-1\.0 ended with code 1 \| .*no element "nvarguscamerasrc"/);
  });
});

/** A film of a flag, without loss. `silent`: it does not say how its colours were made. */
function makeFilm(
  matrix: 'bt601' | 'bt709',
  range: 'tv' | 'pc',
  says: 'says it' | 'silent' = 'says it',
): string {
  const [picture, film] = [join(folder, 'flag.png'), join(folder, 'film.mkv')];
  writeFileSync(picture, encodePng(flag(128, 64), 128, 64));
  const space = matrix === 'bt601' ? 'smpte170m' : 'bt709';
  const filter = `scale=out_color_matrix=${matrix}:out_range=${range}:flags=accurate_rnd+full_chroma_int,format=yuv420p`;
  const tags = says === 'silent' ? [] : ['-colorspace', space, '-color_range', range];
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-loop', '1', '-framerate', '25', '-i', picture, '-frames:v', '3', '-vf', filter],
    ...[...tags, '-c:v', 'ffv1', film],
  ]);
  return film;
}
