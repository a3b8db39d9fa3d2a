import type { CameraState, GateState } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { cameraNote, gatesNote } from './health-notes.ts';

describe('cameraNote', () => {
  const camera: CameraState = { faults: [], luma: 41.4, sharpness: 1, shiftPx: 0.2, calibration: 3 };

  it('says how bright the picture is, and by which calibration it measures', () => {
    expect(cameraNote(camera)).toBe('brightness 41 of 255, calibration 3');
    expect(cameraNote({ faults: [], luma: null, sharpness: null, shiftPx: null })).toBe('');
  });

  it('says why there are no pictures, and by how much others are wrong', () => {
    const why = 'rpicam-vid is not installed';
    expect(cameraNote({ ...camera, faults: ['silent'], why })).toBe(`${why}, calibration 3`);
    expect(cameraNote({ ...camera, faults: ['moved'], shiftPx: 7.6 })).toMatch(/^by 8 pixels,/);
    expect(cameraNote({ ...camera, faults: ['wrong-travel'], travelRatio: 0.5 })).toMatch(
      /^fruit moves 0.5 times/,
    );
  });
});

describe('gatesNote', () => {
  const gates: GateState = { connected: true, fired: 9, merged: 0, late: 1, failed: 2 };

  it('counts what became of the shots, and what a sensor saw of them', () => {
    expect(gatesNote(gates)).toBe('9 opened, 1 late, 2 failed');
    expect(gatesNote({ ...gates, confirmed: 5, unconfirmed: 4 })).toBe(
      '9 opened, 1 late, 2 failed; 5 seen leaving, 4 not',
    );
  });

  it('says first why no outlet can be opened', () => {
    const why = 'no outlet can be opened: 10.0.0.7:502 refuses coil 7';
    expect(gatesNote({ ...gates, connected: false, why })).toBe(`${why}; 9 opened, 1 late, 2 failed`);
  });
});
