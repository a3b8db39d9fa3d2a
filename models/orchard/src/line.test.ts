import { createHash } from 'node:crypto';
import { defaultLineGeometry, type Frame, LineBackground, locateFruit } from '@pomona/grading';
import { describe, expect, it } from 'vitest';
import { Line, type LineOptions, type PassingFruit } from './line.ts';
import { type ScenarioName, scenarioNames } from './scenario.ts';

const { frameWidthPx: width, frameHeightPx: height, mmPerPx } = defaultLineGeometry;

function film(line: Line, seq: number): Frame {
  const encoderMm = (seq / 12) * line.beltMmPerS;
  const data = new Uint8Array(width * height * 3);
  line.advance(encoderMm);
  line.draw(data, encoderMm, seq);
  return { width, height, data, seq, capturedAtMs: 0, encoderMm };
}

function digestOf(seed: number): string {
  const line = new Line({ seed });
  const hash = createHash('sha256');
  for (const seq of [0, 40, 80]) hash.update(film(line, seq).data);
  return hash.digest('hex');
}

function passed(seed: number, untilMm: number, options: Partial<LineOptions> = {}): PassingFruit[] {
  return new Line({ seed, ...options }).advance(untilMm);
}

/** From each fruit of a lane to the next, as spheres. */
function gapsMm(fruits: readonly PassingFruit[]): number[] {
  return [0, 1].flatMap((lane) => {
    const own = fruits.filter((each) => each.lane === lane);
    return own.slice(1).map((next, i) => {
      const acrossMm = (next.offsetYPx - own[i]!.offsetYPx) * mmPerPx;
      const apartMm = Math.hypot(next.positionMm - own[i]!.positionMm, acrossMm);
      return apartMm - (next.fruit.diameterMm + own[i]!.fruit.diameterMm) / 2;
    });
  });
}

describe('a line', () => {
  it('shows the same fruit for the same seed, and others for another', () => {
    expect(digestOf(5)).toBe(digestOf(5));
    expect(digestOf(5)).not.toBe(digestOf(6));
  });

  it('never lets two fruits of a lane touch, and brings as many as it was asked for', () => {
    const untilMm = 330 * 40;
    const fruits = passed(3, untilMm);
    expect(fruits.length / 40).toBeGreaterThan(3.5);
    expect(fruits.length / 40).toBeLessThan(6.5);
    for (const lane of [0, 1]) {
      const own = fruits.filter((each) => each.lane === lane);
      own.slice(1).forEach((next, i) => {
        const gapMm =
          next.positionMm - own[i]!.positionMm - (next.fruit.diameterMm + own[i]!.fruit.diameterMm) / 2;
        expect(gapMm).toBeGreaterThan(10);
      });
    }
  });

  it('lets as many touch as it was told, at the rate that it was told, and the others as far apart as ever', () => {
    const fruits = passed(3, 330 * 80, { touchingShare: 0.4 });
    expect(fruits.length / 80).toBeGreaterThan(4);
    expect(fruits.length / 80).toBeLessThan(6);
    const gaps = gapsMm(fruits);
    const touching = gaps.filter((gap) => Math.abs(gap) < 1e-6);
    expect(touching.length / gaps.length).toBeGreaterThan(0.3);
    expect(touching.length / gaps.length).toBeLessThan(0.5);
    expect(Math.min(...gaps.filter((gap) => gap >= 1e-6))).toBeGreaterThan(13.9);
    expect(() => new Line({ seed: 1, touchingShare: 1 })).toThrow(/from 0 to 0.9/);
  });

  it('lets fruit roll the other way: before and behind the exit edge each lies as the other does', () => {
    const forward = new Line({ seed: 4 });
    const backward = new Line({ seed: 4, backwardShare: 1 });
    const encoderMm = 4 * 330;
    for (const line of [forward, backward]) line.advance(encoderMm);
    for (const [i, there] of forward.passing.entries()) {
      const here = backward.passing[i]!;
      const mirrored = 2 * here.positionMm - encoderMm;
      expect(backward.place(here, encoderMm).orientation).toEqual(forward.place(there, mirrored).orientation);
      expect(backward.place(here, encoderMm).xPx).toBe(forward.place(there, encoderMm).xPx);
    }
    expect(forward.passing.length).toBeGreaterThan(3);
    const ways = passed(4, 330 * 60, { backwardShare: 0.5 }).map((fruit) => fruit.rollsBackward);
    expect(new Set(ways).size).toBe(2);
  });

  it('is seen by the locator: every fruit that is whole in view, within 4 px and 10 % of its radius', () => {
    const line = new Line({ seed: 8 });
    const background = new LineBackground(width, height);
    let compared = 0;
    for (let seq = 0; seq < 19; seq++) background.look(film(line, seq));
    for (let seq = 20; seq < 140; seq += 5) {
      const frame = film(line, seq);
      const blobs = locateFruit(frame, background, line.geometry);
      for (const passing of line.passing) {
        const place = line.place(passing, frame.encoderMm);
        const reach = place.radiusPx * 1.15;
        if (place.xPx < reach || place.xPx > width - reach) continue;
        const blob = blobs.find((each) => Math.hypot(each.xPx - place.xPx, each.yPx - place.yPx) < 12);
        expect(blob, `fruit ${passing.id} in frame ${seq}`).toBeDefined();
        expect(Math.hypot(blob!.xPx - place.xPx, blob!.yPx - place.yPx)).toBeLessThan(4);
        const radiusPx = (blob!.semiMajorPx + blob!.semiMinorPx) / 2;
        expect(Math.abs(radiusPx / (passing.fruit.diameterMm / 2 / mmPerPx) - 1)).toBeLessThan(0.1);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(60);
  });

  it('looks as its scenario says, from its second on', () => {
    const mean = (scenario: ScenarioName | undefined, seq: number) => {
      const line = new Line({ seed: 4, scenarioFromS: 4, ...(scenario === undefined ? {} : { scenario }) });
      const { data } = film(line, seq);
      const sums = [0, 0, 0];
      data.forEach((value, i) => {
        sums[i % 3]! += value;
      });
      return sums.map((sum) => sum / (width * height)) as [number, number, number];
    };
    const usual = mean(undefined, 80);
    expect(mean('dim-light', 80)[1]).toBeLessThan(0.8 * usual[1]);
    const warm = mean('warm-light', 80);
    expect(warm[0] / warm[2]).toBeGreaterThan(1.2 * (usual[0] / usual[2]));
    expect(mean('dirty-lens', 80)[1]).toBeGreaterThan(1.05 * usual[1]);
    for (const scenario of scenarioNames) expect(mean(scenario, 30)).toEqual(mean(undefined, 30));
  });

  it('looks as its scenario says from where it begins, and once is enough', () => {
    const line = new Line({ seed: 4, scenario: 'dim-light', scenarioFromS: Number.POSITIVE_INFINITY });
    const usual = new Line({ seed: 4 });
    expect(Buffer.compare(film(line, 30).data, film(usual, 30).data)).toBe(0);
    line.beginScenario((31 / 12) * line.beltMmPerS);
    line.beginScenario((50 / 12) * line.beltMmPerS);
    const dim = new Line({ seed: 4, scenario: 'dim-light', scenarioFromS: 0 });
    expect(Buffer.compare(film(line, 31).data, film(dim, 31).data)).toBe(0);
  });

  it('refuses a scenario that it does not know', () => {
    expect(() => new Line({ seed: 1, scenario: 'earthquake' })).toThrow(/earthquake/);
  });
});
