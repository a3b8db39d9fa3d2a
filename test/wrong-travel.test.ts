/** Does the picture of a drawn line contradict what the belt is said to do? Fruit that touches, rolls backward or is a leaf must not make it. */
import { Detections, TravelCheck } from '@pomona/edge-agent';
import { defaultLineGeometry as geometry, LineBackground, locateFruit } from '@pomona/grading';
import { Line, type LineOptions } from '@pomona/orchard';
import { describe, expect, it } from 'vitest';

const { frameWidthPx: width, frameHeightPx: height, mmPerPx, fruitDiameterMinMm } = geometry;
const framesPerS = 12;
const beltMmPerS = new Line({ seed: 1 }).beltMmPerS;

/** By the second: was the travel held for wrong, and what fruit moved as a share of it. */
function watch(
  options: LineOptions,
  seconds: number,
  said: (s: number) => number,
  belt = (s: number) => beltMmPerS * s,
  hasEncoder = false,
) {
  const line = new Line(options);
  const background = new LineBackground(width, height);
  const detections = new Detections();
  const check = new TravelCheck({
    ...{ viewMm: width * mmPerPx, diameterMinMm: fruitDiameterMinMm, hasEncoder },
  });
  const looks: { s: number; isWrong: boolean; ratio: number | undefined }[] = [];
  const data = new Uint8Array(width * height * 3);
  for (let seq = 0; seq < seconds * framesPerS; seq++) {
    const s = seq / framesPerS;
    line.advance(belt(s));
    line.draw(data, belt(s), seq);
    const frame = { width, height, data, seq, capturedAtMs: s * 1_000, encoderMm: said(s) };
    check.see(detections.of(locateFruit(frame, background, geometry), geometry), frame);
    if (seq % framesPerS !== framesPerS - 1) continue;
    check.look(s * 1_000);
    looks.push({ s: Math.round(s), isWrong: check.isWrong, ratio: check.ratio });
  }
  return looks;
}

const busy = { fruitsPerS: 10, touchingShare: 0.4, backwardShare: 0.5 };

describe('the travel of a drawn line', () => {
  it.each<[string, LineOptions]>([
    ['with leaves, cups and hands', { seed: 8, ...busy, strangers: ['leaf', 'cup', 'hand'] }],
    ['through a dirty lens', { seed: 10, fruitsPerS: 6, scenario: 'dirty-lens', scenarioFromS: 0 }],
  ])('is right %s', (_, options) => {
    const looks = watch(options, 10, (s) => beltMmPerS * s, undefined, true);
    expect(looks.filter(({ isWrong }) => isWrong)).toEqual([]);
    for (const { ratio } of looks) if (ratio !== undefined) expect(Math.abs(ratio - 1)).toBeLessThan(0.05);
    expect(looks.at(-1)!.ratio).toBeDefined();
  });

  it.each([-1, 0.6])('is wrong within five seconds when the encoder says %d of it', (share) => {
    const from = 4;
    const said = (s: number) => beltMmPerS * (s < from ? s : from + share * (s - from));
    const looks = watch({ seed: 7, ...busy }, 9, said);
    const first = looks.find(({ isWrong }) => isWrong)!;
    expect(first.s).toBeGreaterThan(from);
    expect(first.s).toBeLessThanOrEqual(from + 5);
  });

  it('is wrong of an encoder that stood from the start', () => {
    expect(watch({ seed: 7, ...busy }, 9, () => 0).at(-1)).toMatchObject({ isWrong: true });
  });

  it.each<[string, LineOptions]>([
    ['apart', { seed: 7, fruitsPerS: 6 }],
    ['that touches', { seed: 7, ...busy }],
  ])('is wrong within five seconds when fruit %s stands and the encoder counts on', (_, options) => {
    const from = 5;
    const belt = (s: number) => beltMmPerS * Math.min(s, from);
    const looks = watch(options, 11, (s) => beltMmPerS * s, belt, true);
    const first = looks.find(({ isWrong }) => isWrong)!;
    expect(first).toMatchObject({ ratio: 0 });
    expect(first.s).toBeGreaterThan(from);
    expect(first.s).toBeLessThanOrEqual(from + 5);
  });

  it('is not wrong of a belt that stands with fruit on it, and starts again', () => {
    const belt = (s: number) => beltMmPerS * (Math.min(s, 4) + Math.max(0, s - 8));
    for (const hasEncoder of [false, true]) {
      const looks = watch({ seed: 7, ...busy }, 12, belt, belt, hasEncoder);
      expect(looks.filter(({ isWrong }) => isWrong)).toEqual([]);
    }
  });
});
