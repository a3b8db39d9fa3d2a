import { describe, expect, it } from 'vitest';
import { cropFruit } from './crop-fruit.ts';
import type { Frame } from './frame.ts';
import type { FruitBlob } from './fruit-blob.ts';
import { foundOnBelt as found, type Thing } from './testing/things-on-belt.ts';

const red = [200, 40, 40] as const;
const green = [60, 180, 60] as const;

/** Shares of a crop's pixels that are red, green, and anything else that is not masked. */
function coloursOf(frame: Frame, blob: FruitBlob): { red: number; green: number; other: number } {
  const size = 96;
  const crop = new Uint8Array(size * size * 3);
  cropFruit(frame, blob, size, crop);
  const counts = { red: 0, green: 0, other: 0 };
  for (let i = 0; i < crop.length; i += 3) {
    const [r, g, b] = [crop[i]!, crop[i + 1]!, crop[i + 2]!];
    if (r + g + b === 0) continue;
    if (r > 1.5 * g) counts.red++;
    else if (g > 1.5 * r) counts.green++;
    else counts.other++;
  }
  const all = counts.red + counts.green + counts.other;
  return { red: counts.red / all, green: counts.green / all, other: counts.other / all };
}

function expectNear(blob: FruitBlob | undefined, disc: Thing, pixels = 1.5): void {
  expect(blob).toBeDefined();
  expect(Math.hypot(blob!.xPx - disc.x, blob!.yPx - disc.y)).toBeLessThan(pixels);
  expect(Math.abs(blob!.semiMajorPx - disc.radius)).toBeLessThan(pixels);
  expect(Math.abs(blob!.semiMinorPx - disc.radius)).toBeLessThan(pixels);
}

describe('fruits that touch', () => {
  it.each([6, 2, 0, -2, -6, -10])(
    'are found apart with %i px between them, each with a crop of its own',
    (gap) => {
      const one = { x: 200, y: 80, radius: 40, colour: red };
      const other = { x: 200 + 78 + gap, y: 84, radius: 38, colour: green };
      const { frame, blobs } = found([one, other]);
      expect(blobs.length).toBe(2);
      expectNear(blobs[0], one);
      expectNear(blobs[1], other);
      expect(blobs.map((blob) => blob.touchesEdge)).toEqual([false, false]);
      // Of an overlap each has one half, which may show what lies on top.
      const mixedMax = gap >= 0 ? 0.001 : 0.03;
      expect(coloursOf(frame, blobs[0]!).green).toBeLessThanOrEqual(mixedMax);
      expect(coloursOf(frame, blobs[1]!).red).toBeLessThanOrEqual(mixedMax);
      for (const blob of blobs) expect(coloursOf(frame, blob).other).toBeLessThan(0.01);
    },
  );

  it('are found in a row of four, of different sizes, whatever is above and below it', () => {
    const row = [
      { x: 150, y: 78, radius: 36, colour: red },
      { x: 229, y: 84, radius: 43, colour: green },
      { x: 318, y: 76, radius: 45, colour: red },
      { x: 399, y: 82, radius: 36, colour: green },
    ];
    const others = [
      { x: 300, y: 240, radius: 40, colour: red },
      { x: 500, y: 236, radius: 40, colour: red },
    ];
    const { frame, blobs } = found([...row, ...others]);
    expect(blobs.length).toBe(6);
    for (const disc of [...row, ...others]) {
      const blob = blobs.find((each) => Math.hypot(each.xPx - disc.x, each.yPx - disc.y) < 20);
      expectNear(blob, disc, 2);
      const { red: reds, green: greens } = coloursOf(frame, blob!);
      expect(disc.colour === red ? greens : reds).toBeLessThan(0.01);
    }
  });

  it('are found where one lies beside the other, also in the next lane', () => {
    const discs = [
      { x: 300, y: 112, radius: 40, colour: red },
      { x: 330, y: 186, radius: 40, colour: green },
    ];
    const { blobs } = found(discs);
    expect(blobs.map((blob) => blob.lane)).toEqual([0, 1]);
    expectNear(blobs[0], discs[0]!);
    expectNear(blobs[1], discs[1]!);
  });

  it.each([-20, 0, 20, 35])(
    'are views as soon as one is whole, while the other is %i px in the frame',
    (x) => {
      const whole = { x: x + 79, y: 80, radius: 40, colour: red };
      const { frame, blobs } = found([whole, { x, y: 80, radius: 40, colour: green }]);
      const blob = blobs.at(-1)!;
      expectNear(blob, whole, 2);
      expect(blob.box.left).toBeGreaterThan(10);
      expect(coloursOf(frame, blob).green).toBeLessThan(0.01);
      expect(blobs.map(({ touchesEdge }) => touchesEdge)).toEqual([true, false]);
    },
  );

  it('are as many as they are when both have rot as dark as the belt', () => {
    const one = { x: 200, y: 80, radius: 40, colour: red, rot: { x: 190, y: 60, radius: 12 } };
    const other = { x: 279, y: 80, radius: 40, colour: green, rot: { x: 279, y: 118, radius: 14 } };
    const { blobs } = found([one, other]);
    expect(blobs.length).toBe(2);
    expectNear(blobs[0], one, 3);
    expectNear(blobs[1], other, 3);
  });

  it('are not stretched by a stalk that lies beside them', () => {
    const fruit = { x: 200, y: 80, radius: 40, colour: red };
    const { blobs } = found([fruit, { x: 260, y: 60, radius: 7, colour: green }]);
    expect(blobs.length).toBe(1);
    expectNear(blobs[0], fruit);
  });

  it('leaves a fruit alone that has a bay of rot, and one that is long', () => {
    const rotten = { x: 200, y: 80, radius: 42, colour: red, rot: { x: 200, y: 40, radius: 30 } };
    expect(found([rotten]).blobs.length).toBe(1);
    const long = Array.from({ length: 24 }, (_, i) => ({ x: 300 + i, y: 80, radius: 36, colour: red }));
    const { blobs } = found(long);
    expect(blobs.length).toBe(1);
    expect(blobs[0]!.semiMajorPx / blobs[0]!.semiMinorPx).toBeGreaterThan(1.2);
  });
});
