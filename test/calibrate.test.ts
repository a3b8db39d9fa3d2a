/** The calibration on the simulated line's belt, with targets laid on it. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Calibration, calibrate, calibratedGeometry } from '@pomona/edge-agent';
import { defaultLineGeometry, encodeFrameHeader, type LineGeometry, laneCentreYPx } from '@pomona/grading';
import { Line } from '@pomona/orchard';
import { describe, expect, it } from 'vitest';

const targetMm = 75;
const { frameWidthPx: width, frameHeightPx: height, mmPerPx } = defaultLineGeometry;
const request = {
  targetMm,
  gateDistanceMm: 310,
  camera: 'rpicam',
  ...{ picture: { mode: '2304:1296', rotate180: false }, lanes: 2, fruit: defaultLineGeometry },
  version: 4,
  at: '2026-01-01T00:00:00.000Z',
};

interface Laid {
  readonly x: number;
  readonly y: number;
  readonly diameterMm?: number;
  /** As high as long. */
  readonly squeeze?: number;
}

/** An empty belt with white targets; their edges are as soft as a pixel is large. */
function picture(laid: readonly Laid[], brightness = 225) {
  const data = new Uint8Array(width * height * 3);
  new Line({ seed: 9, fruitsMax: 0 }).draw(data, 123, 7);
  for (const { x, y, diameterMm = targetMm, squeeze = 1 } of laid) {
    const radius = diameterMm / mmPerPx / 2;
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++) {
        const distance = Math.hypot(column + 0.5 - x, (row + 0.5 - y) / squeeze);
        const share = Math.min(1, Math.max(0, radius + 0.5 - distance));
        const at = (row * width + column) * 3;
        for (let c = 0; c < 3; c++) data[at + c] = data[at + c]! * (1 - share) + brightness * share;
      }
  }
  return { width, height, data };
}

const inLanes = (lanes: number, change: Partial<Laid> = {}): Laid[] =>
  Array.from({ length: lanes }, (_, lane) => ({
    x: 200 + 60 * lane,
    y: laneCentreYPx({ ...defaultLineGeometry, lanes }, lane),
    ...change,
  }));

describe('the calibration', () => {
  it.each([1, 2, 3])('measures %i lanes of the simulated line to half a per cent', (lanes) => {
    const found = calibrate(picture(inLanes(lanes)), { ...request, lanes });
    expect(found).toMatchObject({ version: 4, lanes, gateDistanceMm: 310, frameWidthPx: width });
    for (const each of [found.mmPerPx, ...found.targetsMmPerPx])
      expect(Math.abs(each / mmPerPx - 1)).toBeLessThan(0.005);
  });

  it.each<[string, readonly Laid[], number, RegExp]>([
    ['an empty belt', [], 225, /no target stands out/],
    ['targets that are hardly brighter', inLanes(2), 90, /no target stands out/],
    [
      'a target that is cut off',
      [{ x: 20, y: 80 }, ...inLanes(2).slice(1)],
      225,
      /cut off by the picture’s edge/,
    ],
    ['a camera that looks from the side', inLanes(2, { squeeze: 0.8 }), 225, /is not round: 8\d % as high/],
    [
      'lanes that are not equally wide',
      [
        { x: 200, y: 60 },
        { x: 300, y: 190 },
      ],
      225,
      /lane 2 should lie at 240/,
    ],
    ['targets of two sizes', [{ ...inLanes(2)[0]!, diameterMm: 70 }, inLanes(2)[1]!], 225, /differ by 7 %/],
  ])('refuses %s', (_, laid, brightness, message) => {
    expect(() => calibrate(picture(laid, brightness), request)).toThrow(message);
  });

  it.each([
    ['one target for two lanes', inLanes(1), {}, 'one target was found, and the station has 2 lanes'],
    [
      'a target that is said to be tiny',
      inLanes(2),
      { targetMm: 7.5 },
      'a lane is 14 mm wide, and fruit up to 90',
    ],
    ['one that is said to be huge', inLanes(2), { targetMm: 10_000 }, 'more than 4 times the largest fruit'],
  ])('refuses %s', (_, laid, change, message) => {
    expect(() => calibrate(picture(laid), { ...request, ...change })).toThrow(message);
  });

  it('holds for the picture that it was made for, and says so otherwise', () => {
    const made = calibrate(picture(inLanes(2)), request);
    const by = (
      calibration: Calibration | undefined,
      change: Partial<LineGeometry> = {},
      camera = 'rpicam',
      shown = request.picture,
    ) => calibratedGeometry({ ...defaultLineGeometry, ...change }, calibration, camera, shown);
    expect(by(undefined)).toEqual({ geometry: defaultLineGeometry });
    const { geometry, problem } = by(made, { mmPerPx: 5, lanes: 7 });
    expect([geometry.mmPerPx, geometry.lanes, geometry.gateDistanceMm]).toEqual([made.mmPerPx, 2, 310]);
    expect(problem).toBeUndefined();
    expect(by(made, { frameHeightPx: 480 })).toEqual({
      geometry: { ...defaultLineGeometry, frameHeightPx: 480 },
      problem: expect.stringContaining('was made with 640 x 320 and the station has 640 x 480'),
    });
    const turned = { ...request.picture, rotate180: true };
    expect(by(made, {}, 'rpicam', turned).problem).toContain('rotate180 false and the station has true');
    // One by an older agent does not say.
    const { picture: _, ...older } = made;
    expect(by(older, {}, 'rpicam', turned).problem).toBeUndefined();
    expect(by(made, {}, 'gstreamer').problem).toContain('made with rpicam and the station has gstreamer');
  });

  it('is kept with where the camera looked, by `pomona-agent calibrate`', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'calibrate-'));
    try {
      const { data } = picture(inLanes(2));
      const frames = Array.from({ length: 12 }, (_, seq) => {
        const frame = { width, height, data, seq, capturedAtMs: seq * 50, encoderMm: 0 };
        return [encodeFrameHeader(frame), data];
      });
      writeFileSync(join(folder, 'film'), Buffer.concat(frames.flat()));
      const config = join(folder, 'station.json');
      const command = ['sh', '-c', `cat ${folder}/film; exec sleep 30`];
      const place = { v: 1, site: 's', line: 'l', station: 'a', dataDir: 'data' };
      writeFileSync(config, JSON.stringify({ ...place, camera: { kind: 'command', command } }));
      const program = fileURLToPath(new URL('./main.js', import.meta.resolve('@pomona/edge-agent')));
      await promisify(execFile)(process.execPath, [
        program,
        'calibrate',
        '--config',
        config,
        '--target-mm',
        '75',
      ]);
      const { calibrations } = JSON.parse(readFileSync(join(folder, 'data/calibration.json'), 'utf8'));
      expect(calibrations).toHaveLength(1);
      expect(calibrations[0]).toMatchObject({ version: 1, lanes: 2, camera: 'command' });
      const { inUse } = calibratedGeometry(defaultLineGeometry, calibrations[0], 'command');
      expect(inUse).toMatchObject({ version: 1 });
      // A byte for each second row of two halves.
      expect(inUse!.reference).toHaveLength(height);

      // A person who is asked, and answers.
      const input = '\n75\n310\n\nyes\n';
      execFileSync(process.execPath, [program, 'calibrate', '--config', config], {
        input,
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      const kept = JSON.parse(readFileSync(join(folder, 'data/calibration.json'), 'utf8')).calibrations;
      expect(kept.at(-1)).toMatchObject({ version: 2, targetMm: 75, gateDistanceMm: 310 });

      const again = await promisify(execFile)(process.execPath, [
        program,
        'calibrations',
        '--config',
        config,
        '--use',
        '1',
      ]);
      expect(again.stdout.split('\n')).toMatchObject([
        expect.stringMatching(/^1 .* 2 lanes .* by targets of 75 mm .* belt \d+ of 255/),
        expect.stringMatching(/^2 .* gates at 310 mm /),
        expect.stringMatching(/^3 .* as 1$/),
        '',
      ]);
      await expect(
        promisify(execFile)(process.execPath, [program, 'calibrations', '--config', config, '--use', '9']),
      ).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('there is no calibration 9') });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
