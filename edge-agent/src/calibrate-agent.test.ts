import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLineGeometry as geometry } from '@pomona/grading';
import { systemClock } from '@pomona/wire';
import { afterAll, describe, expect, it } from 'vitest';
import { addCalibration, loadCalibrations } from './adapters/calibration-file.ts';
import { restoreCalibration } from './calibrate-agent.ts';
import type { Calibration } from './domain/calibrate.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'calibrate-agent-'));
afterAll(() => rmSync(dataDir, { recursive: true }));

const calibration: Calibration = {
  ...{ version: 1, at: '2026-11-30T12:00:00.000Z', camera: 'command', picture: {} },
  ...{ frameWidthPx: geometry.frameWidthPx, frameHeightPx: geometry.frameHeightPx },
  ...{ targetMm: 75, targetsMmPerPx: [0.8, 0.8], mmPerPx: 0.8, lanes: 2, gateDistanceMm: 410, beltLuma: 30 },
};

describe('restoreCalibration', () => {
  it('makes an earlier one the newest, unless the station could not start by it', async () => {
    await addCalibration(dataDir, calibration);
    await addCalibration(dataDir, { ...calibration, version: 2, mmPerPx: 0.1 });
    await expect(restoreCalibration({ dataDir, geometry }, 2, { clock: systemClock })).rejects.toMatchObject({
      code: 'calibration-failed',
      message: expect.stringContaining('the picture shows 64 mm of belt'),
    });
    expect(await loadCalibrations(dataDir)).toHaveLength(2);
    expect(await restoreCalibration({ dataDir, geometry }, 1, { clock: systemClock })).toMatchObject({
      ...{ version: 3, copyOf: 1, mmPerPx: 0.8 },
    });
  });
});
