import { defaultLineGeometry as geometry } from '@pomona/grading';
import { describe, expect, it } from 'vitest';
import type { Calibration } from './calibrate.ts';
import { measuresOf } from './measures.ts';

const gate = { kind: 'log' as const, file: 'gate.log' };
const camera = { kind: 'command' as const, command: ['camera'] };
const calibration: Calibration = {
  ...{ version: 4, at: '2026-11-30T12:00:00.000Z', camera: 'command' },
  ...{ frameWidthPx: geometry.frameWidthPx, frameHeightPx: geometry.frameHeightPx },
  ...{ targetMm: 75, targetsMmPerPx: [0.8, 0.8], mmPerPx: 0.8, lanes: 2, gateDistanceMm: 410, beltLuma: 30 },
};

describe('what a station measures by', () => {
  it('is its calibration, and its configuration where there is none', () => {
    expect(measuresOf({ geometry, camera, gate }, undefined)).toEqual({ geometry });
    expect(measuresOf({ geometry, camera, gate }, calibration).geometry).toEqual({
      ...geometry,
      ...{ mmPerPx: 0.8, gateDistanceMm: 410 },
    });
  });

  it.each([
    [{ mmPerPx: 9 }, 'the smallest fruit (60 mm) has 6.67 pixels'],
    [{ mmPerPx: 0.0009 }, 'the picture shows 0.576 mm of belt'],
    [{ lanes: 16 }, 'each of 16 lanes is 16 mm wide'],
  ])('is no calibration by which no fruit could be graded: %j', (change, message) => {
    const measure = () => measuresOf({ geometry, camera, gate }, { ...calibration, ...change });
    expect(measure).toThrow(`calibration 4 cannot be right: by geometry.mmPerPx`);
    expect(measure).toThrow(message);
  });

  it('is no configuration of that kind either', () => {
    const five = { ...geometry, lanes: 5 };
    expect(() => measuresOf({ geometry: five, camera, gate }, undefined)).toThrow(
      'geometry cannot be right: by geometry.mmPerPx 0.9 each of 5 lanes is 57.6 mm wide, and the smallest fruit 60 mm',
    );
    // Until it is measured.
    const measured = { ...calibration, lanes: 5, mmPerPx: 1.2 };
    expect(measuresOf({ geometry: five, camera, gate }, measured).geometry.mmPerPx).toBe(1.2);
  });

  it('does not leave an outlet on a lane that was calibrated away', () => {
    const outputs = [{ gate: 1, lane: 1, lagMs: 30, pulseMs: 80, coil: 0 }];
    const modbus = { kind: 'modbus' as const, host: 'plc', port: 502, unit: 1, heartbeatMs: 500, outputs };
    expect(() => measuresOf({ geometry, camera, gate: modbus }, { ...calibration, lanes: 1 })).toThrow(
      'gate does not fit what was calibrated: gate.outputs.0.lane',
    );
  });
});
