/** The device's own look at its camera, on drawn frames of a line: what is spoilt is told in time, what is unusual is not. */
import { type Calibration, CameraHealth, calibratedGeometry, withReference } from '@pomona/edge-agent';
import { defaultLineGeometry, type Frame } from '@pomona/grading';
import { Line, type ScenarioName } from '@pomona/orchard';
import { randomNormal, seededRandom } from '@pomona/wire';
import { describe, expect, it } from 'vitest';

const { frameWidthPx: width, frameHeightPx: height } = defaultLineGeometry;
const stepMs = 400;
const calmFrames = 31;
/** What comes after the calm: within five seconds a fault has to be told. */
const newFrames = 10;
/** The agent asks once a second. */
const reportMs = 1_000;
const random = seededRandom(1, 'noise');
const noise = Int8Array.from({ length: 4_096 }, () => Math.round(2 * randomNormal(random)));

/** The frames from `fromSeq` to the end; a scenario begins where the calm ends. */
function film(fromSeq: number, scenario?: ScenarioName): Frame[] {
  const fromS = (calmFrames * stepMs) / 1_000;
  const line = new Line({ seed: 6, fruitsPerS: 10, ...(scenario && { scenario, scenarioFromS: fromS }) });
  const frames: Frame[] = [];
  for (let seq = 0; seq < calmFrames + newFrames; seq++) {
    const encoderMm = ((seq * stepMs) / 1_000) * line.beltMmPerS;
    line.advance(encoderMm);
    if (seq < fromSeq) continue;
    const data = new Uint8Array(width * height * 3);
    line.draw(data, encoderMm, seq);
    frames.push({ width, height, data, seq, capturedAtMs: seq * stepMs, encoderMm });
  }
  return frames;
}

const usual = film(0);
const calm = usual.slice(0, calmFrames);
const after = usual.slice(calmFrames);
const changed = (frame: Frame, pixel: (i: number) => number): Frame => {
  const data = new Uint8Array(frame.data.length);
  for (let i = 0; i < data.length; i++) data[i] = Math.max(0, Math.min(255, pixel(i)));
  return { ...frame, data };
};
/** A sensor's noise, another one in each frame. */
const noiseOf = ({ seq }: Frame, i: number): number => noise[(i * 7 + seq * 1_237) & 4_095]!;
const covered = (frame: Frame): Frame => changed(frame, (i) => 3 + noiseOf(frame, i));

/** The whole picture moved down by `px`. */
const moved = (frame: Frame, px: number): Frame =>
  changed(frame, (i) => frame.data[(i + frame.data.length - px * width * 3) % frame.data.length]!);

/** Mean of so many pixels to either side, along and then across, and the sensor's noise after it. */
function blurred(frame: Frame, reach = 4): Frame {
  const mean = (of: Uint8Array, apart: number): Uint8Array => {
    const out = new Uint8Array(of.length);
    for (let i = reach * apart; i < of.length - (reach + 1) * apart; i++) {
      let sum = 0;
      for (let k = -reach; k <= reach; k++) sum += of[i + k * apart]!;
      out[i] = sum / (2 * reach + 1);
    }
    return out;
  };
  const smooth = mean(mean(frame.data, 3), 3 * width);
  return changed(frame, (i) => smooth[i]! + noiseOf(frame, i));
}

/** Shows the frames to a fresh `CameraHealth`; returns what it said last, and when it first named a fault. */
function watch(frames: readonly Frame[]): { faults: readonly string[]; afterMs: number } {
  const health = new CameraHealth(defaultLineGeometry);
  health.started(0);
  let afterMs = Number.POSITIVE_INFINITY;
  frames.forEach((frame, i) => {
    health.look(frame, i * stepMs);
    if (health.state(i * stepMs)!.faults.length > 0)
      afterMs = Math.min(afterMs, (i - calmFrames + 1) * stepMs);
  });
  return { faults: health.state((frames.length - 1) * stepMs)!.faults, afterMs };
}

describe('the health of a camera', () => {
  it.each<[string, Frame[]]>([
    ['frozen', after.map((frame) => ({ ...after[0]!, encoderMm: frame.encoderMm }))],
    ['black', after.map(covered)],
    ['blown-out', after.map((frame) => changed(frame, (i) => 8 * frame.data[i]!))],
    ['out-of-focus', after.map((frame) => blurred(frame))],
    ['moved', after.map((frame) => moved(frame, 6))],
    ['moved', after.map((frame) => moved(frame, 100))],
  ])('is told to be %s within five seconds', (fault, spoilt) => {
    const { faults, afterMs } = watch([...calm, ...spoilt]);
    expect(faults).toEqual([fault]);
    // Not while nothing was wrong.
    expect(afterMs).toBeGreaterThan(0);
    expect(afterMs + reportMs).toBeLessThanOrEqual(5_000);
  });

  it.each(['dim-light', 'dirty-lens', 'warm-light'] as const)('is well under the scenario %s', (scenario) => {
    expect(watch([...calm, ...film(calmFrames, scenario)])).toEqual({
      faults: [],
      afterMs: Number.POSITIVE_INFINITY,
    });
  });

  it('is well while an empty belt runs, and while it stands', () => {
    const line = new Line({ seed: 2, fruitsMax: 0 });
    const standing = Array.from({ length: 20 }, (_, seq) => {
      const encoderMm = Math.min(seq, 10) * 130;
      const data = new Uint8Array(width * height * 3);
      line.draw(data, encoderMm, seq);
      return { width, height, data, seq, capturedAtMs: seq * stepMs, encoderMm };
    });
    expect(watch(standing).faults).toEqual([]);
    // As a film may show it: without noise.
    const still = standing.map((frame) => ({ ...frame, data: standing[15]!.data, encoderMm: 1_300 }));
    expect(watch(still).faults).toEqual([]);
    const again = still.map((frame) => ({ ...frame, capturedAtMs: 0 }));
    expect(watch(again).faults).toEqual(['frozen']);
  });

  it('is well again when the fault is gone, and out of focus also without a memory of better days', () => {
    const cap = after.slice(0, 5).map(covered);
    expect(watch([...calm, ...cap]).faults).toEqual(['black']);
    expect(watch([...calm, ...cap, ...after.slice(5)]).faults).toEqual([]);
    expect(watch(calm.slice(20, 26).map((frame) => blurred(frame, 8))).faults).toEqual(['out-of-focus']);
  });

  it('is silent without frames, and of the wrong size as long as its program gives other ones', () => {
    const health = new CameraHealth(defaultLineGeometry);
    expect(health.state(9_000)).toBeUndefined();
    health.started(10_000);
    expect(health.state(13_000)!.faults).toEqual([]);
    expect(health.state(13_001)).toEqual({
      ...{ faults: ['silent'], luma: null, sharpness: null, shiftPx: null, travelRatio: null },
    });
    health.ended('the camera sends 64 x 64 pixels', true);
    const wrongSize = { faults: ['wrong-size'], why: 'the camera sends 64 x 64 pixels' };
    expect(health.state(14_000)).toMatchObject(wrongSize);
    // Its program was mended, and now its cable is out.
    health.ended(`ffmpeg ended with code 1 | ${'x'.repeat(600)}`, false);
    expect(health.state(14_500)!.faults).toEqual(['silent']);
    expect(health.state(14_500)!.why).toMatch(/^ffmpeg ended with code 1 .{475}$/);
    health.ended('the camera sends 64 x 64 pixels', true);
    health.look(calm[0]!, 15_000);
    expect(health.state(15_000)!.faults).toEqual([]);
    expect(health.state(15_000)!.why).toBeUndefined();
    expect(health.state(19_000)).toMatchObject({ faults: ['silent'] });
    expect(health.state(19_000)!.why).toBeUndefined();
  });

  describe('by a calibration', () => {
    const bare: Calibration = {
      ...{ version: 3, at: '2026-01-01T00:00:00.000Z', camera: 'rpicam', targetMm: 75, beltLuma: 20 },
      ...{ frameWidthPx: width, frameHeightPx: height, targetsMmPerPx: [0.9, 0.9] },
      ...{ mmPerPx: defaultLineGeometry.mmPerPx, lanes: 2, gateDistanceMm: 300 },
    };
    /** Of the line as it stands then, with a target in each lane. */
    function madeAt(encoderMm: number): Calibration {
      const line = new Line({ seed: 6, fruitsMax: 0 });
      const frames = Array.from({ length: 5 }, (_, seq) => {
        const data = new Uint8Array(width * height * 3);
        line.draw(data, encoderMm, seq);
        for (const y of [height / 4, (3 * height) / 4])
          for (let row = y - 40; row < y + 40; row++)
            data.fill(225, (row * width + 280) * 3, (row * width + 360) * 3);
        return { width, height, data, seq, capturedAtMs: seq * stepMs, encoderMm };
      });
      return withReference(bare, frames, defaultLineGeometry);
    }
    function stateBy(calibration: Calibration, frames: readonly Frame[]) {
      const { geometry, inUse } = calibratedGeometry(defaultLineGeometry, calibration, 'rpicam');
      const health = new CameraHealth(geometry, inUse);
      health.started(0);
      frames.forEach((frame, i) => {
        health.look(frame, i * stepMs);
      });
      return health.state((frames.length - 1) * stepMs)!;
    }

    it.each([0, 37, 123])(
      'it is told that the camera was moved before the start, the belt standing at %i mm',
      (encoderMm) => {
        const calibration = madeAt(encoderMm);
        expect(calibration.reference!.length).toBeLessThan(600);
        const few = calm.slice(0, 12);
        expect(stateBy(calibration, few)).toMatchObject({ faults: [], shiftPx: 0, calibration: 3 });
        const low = few.map((frame) => moved(frame, 8));
        expect(stateBy(calibration, low)).toMatchObject({ faults: ['moved'], shiftPx: 8 });
        expect(
          stateBy(
            calibration,
            few.map((frame) => moved(frame, -60)),
          ).faults,
        ).toEqual(['moved']);
        expect(stateBy(bare, low)).toMatchObject({ faults: [], calibration: 3 });
      },
    );

    it.each(['dim-light', 'warm-light', 'dirty-lens'] as const)(
      'it is well in another light: %s',
      (scenario) => {
        expect(stateBy(madeAt(123), film(calmFrames, scenario)).faults).toEqual([]);
      },
    );

    it('it goes by the start where the picture tells no place', () => {
      const grey = Array.from({ length: 5 }, (_, seq) => {
        const frame = { ...calm[0]!, seq };
        return changed(frame, (i) => 40 + noiseOf(frame, i));
      });
      expect(withReference(bare, grey, defaultLineGeometry)).toEqual(bare);
    });
  });
});
