import { join } from 'node:path';
import { type CameraDraft, checkStationConfig } from '@pomona/firmware-config';
import { afterEach, describe, expect, it } from 'vitest';
import { CameraBench } from '../testing/camera-bench.ts';
import { cameraSource } from './camera-source.ts';
import { simulatedSource } from './simulated-source.ts';

const [width, height] = [640, 160];
let bench: CameraBench | undefined;
afterEach(() => bench?.camera.stop());

function configOf(camera: CameraDraft) {
  const place = { v: 1, site: 's', line: 'l', station: 'a', dataDir: '/data' };
  return checkStationConfig({ ...place, camera }, 'station.json').camera;
}

function start(camera: CameraDraft): CameraBench {
  const size = { frameWidthPx: width, frameHeightPx: height };
  bench = new CameraBench(cameraSource(configOf(camera), size), width, height);
  return bench;
}

describe('a simulated line', () => {
  it('gives frames of the line’s lanes with their time and the encoder’s position', async () => {
    const frames = await start({ kind: 'simulated', framesPerSecond: 60 }).take(3);
    expect(frames.map(({ width: w, height: h }) => [w, h])).toEqual(frames.map(() => [width, height]));
    for (let i = 1; i < frames.length; i++) {
      expect(frames[i]!.capturedAtMs).toBeGreaterThan(frames[i - 1]!.capturedAtMs);
      expect(frames[i]!.encoderMm).toBeGreaterThan(frames[i - 1]!.encoderMm);
    }
  });

  it('tells its program all that was configured', () => {
    const camera = configOf({
      ...{ kind: 'simulated', fruitsPerSecond: 4, scenario: 'dirty-lens', touchingShare: 0.3 },
      ...{ strangers: ['leaf', 'hand'], photographs: '/turning', seed: 7 },
    });
    const { args } = cameraSource(camera, { frameWidthPx: width, frameHeightPx: 3 * height });
    expect(args.slice(1).join(' ')).toBe(
      '--rate 4 --fps 12 --lanes 3 --touching 0.3 --backward 0 --seed 7 ' +
        '--scenario dirty-lens --strangers leaf,hand --replay /turning',
    );
  });

  it('says what its program says of a scenario that there is not', async () => {
    const { states } = start({ kind: 'simulated', scenario: 'earthquake' });
    await expect.poll(() => states[0], { timeout: 20_000 }).toMatch(/^stopped: .*earthquake/);
  });

  it('says that a board has none', () => {
    const camera = configOf({ kind: 'simulated' });
    if (camera.kind !== 'simulated') throw new Error('another camera');
    const size = { frameWidthPx: width, frameHeightPx: height };
    const board = join('/opt', 'pomona', 'dist', 'run-agent.js');
    expect(() => simulatedSource(camera, size, board)).toThrow(
      expect.objectContaining({ code: 'camera-not-here', message: expect.stringContaining('repository') }),
    );
  });
});
