import { describe, expect, it } from 'vitest';
import { viewFeatures } from './view-features.ts';

const size = 16;

/** A square of fruit in the middle of black, each pixel by its place. */
function crop(colourAt: (x: number, y: number) => readonly [number, number, number]): Uint8Array {
  const data = new Uint8Array(size * size * 3);
  for (let y = 4; y < 12; y++) for (let x = 4; x < 12; x++) data.set(colourAt(x, y), (y * size + x) * 3);
  return data;
}

describe('viewFeatures', () => {
  it('measures the fruit and not the black around it', () => {
    const figures = viewFeatures(
      crop(() => [200, 100, 50]),
      size,
    );
    expect(figures).toMatchObject({ red: 200, green: 100, blue: 50, saturation: 0.75, clipped: 0 });
    expect(figures.coverage).toBe(0.25);
    expect(figures.luma).toBeCloseTo((77 * 200 + 150 * 100 + 29 * 50) / 256);
    expect(figures.sharpness).toBeCloseTo(0);
  });

  it('tells sharp from blurred, by what is inside the outline only', () => {
    const stripes = viewFeatures(
      crop((x) => (x % 2 === 0 ? [150, 150, 150] : [50, 50, 50])),
      size,
    );
    const slope = viewFeatures(
      crop((x) => [50 + 10 * x, 50 + 10 * x, 50 + 10 * x]),
      size,
    );
    expect(stripes.sharpness).toBeGreaterThan(1_000);
    expect(slope.sharpness).toBeCloseTo(0);
  });

  it('puts red at 0, yellow at 60, and what is a little bluer than red below 0', () => {
    const hue = (...rgb: [number, number, number]) =>
      viewFeatures(
        crop(() => rgb),
        size,
      ).hue;
    expect(hue(200, 50, 50)).toBeCloseTo(0);
    expect(hue(200, 200, 0)).toBeCloseTo(60);
    expect(hue(200, 50, 60)).toBeLessThan(0);
  });

  it('counts pixels at an end of the scale', () => {
    expect(
      viewFeatures(
        crop((x) => (x < 8 ? [255, 9, 9] : [9, 9, 9])),
        size,
      ).clipped,
    ).toBe(0.5);
    expect(
      viewFeatures(
        crop((x) => (x < 6 ? [99, 9, 0] : [9, 9, 9])),
        size,
      ).clipped,
    ).toBe(0.25);
  });

  it('reads from an offset, and says 0 where there is no fruit', () => {
    const fruit = crop(() => [10, 20, 30]);
    const two = new Uint8Array(2 * fruit.length);
    two.set(fruit, fruit.length);
    expect(viewFeatures(two, size, fruit.length)).toEqual(viewFeatures(fruit, size));
    expect(viewFeatures(two, size)).toMatchObject({ luma: 0, coverage: 0, sharpness: 0 });
  });
});
