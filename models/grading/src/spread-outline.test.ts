import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitEllipse } from './fit-ellipse.ts';
import type { Frame } from './frame.ts';
import { beltModel, boundCells, castRays, markCells, spreadOutline, traceOutline } from './kernel.ts';

const [width, height] = [192, 160];
const rays = 64;

/** An ellipse of fruit before a dark belt. */
const fruit = fc.record({
  x: fc.double({ min: 90, max: 102, noNaN: true }),
  y: fc.double({ min: 74, max: 86, noNaN: true }),
  semiMajor: fc.double({ min: 34, max: 48, noNaN: true }),
  roundness: fc.double({ min: 0.8, max: 1, noNaN: true }),
  angle: fc.double({ min: 0, max: Math.PI, noNaN: true }),
});
type Fruit = typeof fruit extends fc.Arbitrary<infer T> ? T : never;

describe('an outline of rays that are spread', () => {
  it('is the one that is traced, to less than a pixel in the mean and two anywhere', () => {
    fc.assert(
      fc.property(fruit, (each) => {
        const { spread, traced } = outlinesOf(each, () => true);
        expect(spread).toBeDefined();
        const apart = apartOf(spread!, traced);
        expect(Math.max(...apart)).toBeLessThan(2);
        expect(apart.reduce((sum, each) => sum + each, 0) / rays).toBeLessThan(0.7);
      }),
    );
  });

  it('is none where rot as dark as the belt bites deep into the fruit, unless it is the one that is traced', () => {
    fc.assert(
      fc.property(fruit, fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }), (each, middle) => {
        const isBite = (share: number, angle: number) => share > 0.6 && Math.cos(angle - middle) > 0.9;
        const { spread, traced } = outlinesOf(each, (share, angle) => !isBite(share, angle));
        // A fruit with a bite at its end may be a rounder one without.
        if (spread !== undefined) expect(Math.max(...apartOf(spread, traced))).toBeLessThan(8);
      }),
    );
  });

  it('is none where a fruit is seen to two thirds', () => {
    const round = { x: 96, y: 80, semiMajor: 42, roundness: 1, angle: 0 };
    const { spread } = outlinesOf(round, (share, angle) => share < 0.5 || Math.abs(angle) > 1);
    expect(spread).toBeUndefined();
  });

  it('leaves a stem out', () => {
    fc.assert(
      fc.property(fruit, fc.integer({ min: 0, max: 31 }), (each, ray) => {
        const middle = (ray * 2 * Math.PI) / 32;
        const isStem = (share: number, angle: number) => share < 1.2 && Math.cos(angle - middle) > 0.999;
        const { spread, traced } = outlinesOf(each, () => true, isStem);
        const bare = outlinesOf(each, () => true).traced;
        for (const outline of spread === undefined ? [traced] : [spread, traced])
          expect(Math.max(...apartOf(outline, bare))).toBeLessThan(3);
      }),
    );
  });
});

function apartOf(a: readonly number[], b: readonly number[]): number[] {
  return a.map((radius, i) => Math.abs(radius - b[i]!));
}

/** By both ways, from the middle of the ellipse that is fitted. `isSkin` and `isBeyond` tell by the share of the radius and the angle. */
function outlinesOf(
  { x, y, semiMajor, roundness, angle }: Fruit,
  isSkin: (share: number, angle: number) => boolean,
  isBeyond: (share: number, angle: number) => boolean = () => false,
) {
  const data = new Uint8Array(width * height * 3).fill(30);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const [dx, dy] = [column + 0.5 - x, row + 0.5 - y];
      const along = (dx * Math.cos(angle) + dy * Math.sin(angle)) / semiMajor;
      const across = (dy * Math.cos(angle) - dx * Math.sin(angle)) / (semiMajor * roundness);
      const share = Math.hypot(along, across);
      const towards = Math.atan2(dy, dx);
      if (share < 1 ? isSkin(share, towards) : isBeyond(share, towards))
        data.set([190, 60, 40], 3 * (row * width + column));
    }
  markCells(frameOf(data), belt);
  // A box as cells bound it, not quite around the middle.
  const box = { x: Math.round(x / 4) * 4, y: Math.round(y / 4) * 4, reachX: 56, reachY: 56 };
  const ellipse = fitEllipse(castRays(box, rays / 2))!;
  const { semiMajor: major, semiMinor: minor } = ellipse;
  const axes = {
    ...{ semiMajor: major, semiMinor: minor },
    ...{ cosMajor: Math.cos(ellipse.angle), sinMajor: Math.sin(ellipse.angle) },
  };
  const spread = new Float32Array(rays);
  const middle = { ...box, x: box.x + ellipse.x, y: box.y + ellipse.y };
  const isSpread = spreadOutline(middle, ellipse, axes, spread);
  const traced = new Float32Array(rays);
  traceOutline(middle, axes, traced);
  return { spread: isSpread ? [...spread] : undefined, traced: [...traced] };
}

const cells = (width >> 2) * (height >> 2);
const belt = beltModel(cells);
belt.means.fill(120, 0, cells);
belt.spreads.fill(20);
boundCells(belt, width >> 2, height >> 2);

function frameOf(data: Uint8Array): Frame {
  return { width, height, data, seq: 0, capturedAtMs: 0, encoderMm: 0 };
}
