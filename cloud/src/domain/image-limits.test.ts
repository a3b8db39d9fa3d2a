import type { ImageFigures } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { measuredSide, measureImage } from './image-figures.ts';
import { breachOf, defaultImageLimits, imageLimitsOf } from './image-limits.ts';

/** A disc whose pixels are given by where they are, on grey. */
function measured(
  pixel: (x: number, y: number) => readonly [number, number, number],
  light: readonly [number, number, number] = [200, 200, 200],
): ImageFigures {
  const side = measuredSide;
  const cutOut = new Uint8Array(side * side * 3);
  const rgb = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const isFruit = Math.hypot(x - side / 2, y - side / 2) < 0.46 * side;
      if (isFruit) cutOut.set(pixel(x, y), (y * side + x) * 3);
      rgb.set(isFruit ? pixel(x, y) : light, (y * side + x) * 3);
    }
  }
  const outline = [...Array(72).keys()].map((ray) => {
    const along = (2 * Math.PI * ray) / 72;
    return [0.5 + 0.3 * Math.cos(along), 0.5 + 0.3 * Math.sin(along)] as const;
  });
  return measureImage({ rgb, cutOut, sidePx: 480, score: 0.6, outline });
}

const texture = (x: number, y: number): readonly [number, number, number] => [
  110 + ((x * 7 + y * 13) % 140),
  60,
  50,
];
const reasonOf = (figures: ImageFigures, limits = {}) =>
  breachOf(figures, imageLimitsOf({ imageLimits: limits }))?.reason;

describe('the figures of a photograph', () => {
  it('are of the fruit, whatever surrounds it', () => {
    const figures = measured(texture);
    expect(figures.fill).toBeCloseTo(Math.PI * 0.09, 2);
    expect(figures).toMatchObject({ sidePx: 480, score: 0.6, highlights: 0, shadows: 0 });
    expect(figures.luma).toBeCloseTo(95, -1);
    expect(figures.sharpness).toBeGreaterThan(50);
    expect(measured(texture, [90, 90, 90])).toMatchObject({
      luma: figures.luma,
      sharpness: figures.sharpness,
    });
    expect(reasonOf(figures)).toBeUndefined();
  });

  it('tell what is flat, dark, bright, clipped or lit in colour', () => {
    expect(reasonOf(measured(() => [150, 60, 50]))).toMatch(/luma spans 0, less than 20/);
    expect(reasonOf(measured((x) => [60 + 1.8 * x, 60, 50]))).toMatch(/blurred: .* less than 2/);
    expect(reasonOf(measured((x) => [(x * 7) % 30, 10, 5]))).toMatch(/too dark: its mean luma is 1\d/);
    expect(reasonOf(measured((x) => [255, x % 2 ? 255 : 235, 250]))).toMatch(/too bright/);
    expect(reasonOf(measured((x, y) => (y % 2 ? [255, 255, 255] : [90 + (x % 40), 80, 60])))).toMatch(
      /highlights are clipped on 0\.5\d* of the fruit, more than 0\.4/,
    );
    expect(reasonOf(measured((x, y) => (y % 2 ? [3, 2, 2] : [90 + (x % 40), 80, 60])))).toMatch(
      /shadows are clipped on 0\.5/,
    );
    expect(reasonOf(measured((x, y) => [30 + ((x * 7 + y * 13) % 140), 60, 200], [5, 5, 255]))).toMatch(
      /a cast of \d+\.\d degrees, more than 25/,
    );
  });
});

describe('a limit', () => {
  const figures = measured(texture);

  it('is kept by what is just at it', () => {
    for (const bound of ['minFill', 'minSharpness', 'minLuma', 'maxLuma', 'minLumaRange'] as const) {
      const figure = `${bound[3]!.toLowerCase()}${bound.slice(4)}` as keyof ImageFigures;
      const step = bound.startsWith('min') ? 1e-6 : -1e-6;
      expect(reasonOf(figures, { [bound]: figures[figure] })).toBeUndefined();
      expect(breachOf(figures, { ...defaultImageLimits, [bound]: figures[figure] + step })).toMatchObject({
        figure,
        value: figures[figure],
        limit: figures[figure] + step,
      });
    }
  });

  it('that is not set has its default', () => {
    expect(imageLimitsOf({ imageLimits: { minSharpness: 9 } })).toEqual({
      ...defaultImageLimits,
      minSharpness: 9,
    });
    expect(imageLimitsOf({})).toEqual(defaultImageLimits);
  });
});
