import { seededRandom } from '@pomona/wire';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { frameBuffer } from './kernel-memory.ts';
import { type PictureSample, samplePicture } from './sample-picture.ts';
import { viewFeatures } from './view-features.ts';

const size = 96;

/** A disc of fruit in the middle of black, the luma of each pixel by its place. */
function crop(lumaAt: (x: number, y: number) => number): Uint8Array {
  const data = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      if (Math.hypot(x - 47.5, y - 47.5) < 40)
        data.fill(lumaAt(x, y), (y * size + x) * 3, (y * size + x + 1) * 3);
  return data;
}

function sampled(data: Uint8Array, offset = 0): PictureSample {
  const figures = { contrast: -1, sharpness: -1 };
  expect(samplePicture(data, offset, size, figures)).toBe(true);
  return figures;
}

/** Of all pixels of the fruit. */
function contrastOf(data: Uint8Array): number {
  const lumas = data.filter((value, i) => i % 3 === 0 && value > 0);
  const mean = lumas.reduce((sum, each) => sum + each, 0) / lumas.length;
  return Math.sqrt(lumas.reduce((sum, each) => sum + (each - mean) ** 2, 0) / lumas.length);
}

it('finds nearly what all pixels have, of a fine grain and of a coarse one', () => {
  const random = seededRandom(1, 'grain');
  const grain = Array.from({ length: size * size }, () => random.next());
  const grainAt = (x: number, y: number) => grain[y * size + x]!;
  for (const lumaAt of [
    (x: number, y: number) => 80 + 100 * grainAt(x, y),
    (x: number, y: number) => 80 + 100 * grainAt(Math.floor(x / 4), Math.floor(y / 4)),
    (x: number, y: number) => 60 + x + y / 2,
    (x: number) => (x % 2 === 0 ? 150 : 50),
  ]) {
    const data = crop(lumaAt);
    const { contrast, sharpness } = sampled(data);
    expect(Math.abs(contrast / contrastOf(data) - 1)).toBeLessThan(0.05);
    expect(Math.abs(sharpness - viewFeatures(data, size).sharpness)).toBeLessThan(
      0.5 + 0.1 * viewFeatures(data, size).sharpness,
    );
  }
});

it('is 0 of an even skin: the black around it is no contrast', () => {
  expect(sampled(crop(() => 130))).toEqual({ contrast: 0, sharpness: 0 });
});

it('reads from an offset, and says nothing of a crop without fruit', () => {
  const fruit = crop((x, y) => 60 + ((x * y) % 90));
  const two = new Uint8Array(2 * fruit.length);
  two.set(fruit, fruit.length);
  expect(sampled(two, fruit.length)).toEqual(sampled(fruit));
  const figures = { contrast: 7, sharpness: 8 };
  expect(samplePicture(two, 0, size, figures)).toBe(false);
  expect(figures).toEqual({ contrast: 7, sharpness: 8 });
});

it('says of a crop of any size what one finds by hand, wherever it lies', () => {
  const sides = fc.integer({ min: 1, max: 50 });
  fc.assert(
    fc.property(sides, fc.infiniteStream(fc.nat(255)), fc.boolean(), (side, stream, isResident) => {
      const bytes = side * side * 3;
      const crops = isResident ? frameBuffer(2 * bytes) : new Uint8Array(2 * bytes);
      for (let i = 0; i < crops.length; i++) crops[i] = stream.next().value!;
      // Some are black.
      for (let i = 0; i + 15 < crops.length; i += 15) if (crops[i]! < 30) crops.fill(0, i, i + 3);
      const figures = { contrast: -1, sharpness: -1 };
      const isFruit = samplePicture(crops, bytes, side, figures);
      const expected = sampledByHand(crops.subarray(bytes), side);
      expect(isFruit).toBe(expected !== undefined);
      if (expected !== undefined) expect(figures).toEqual(expected);
    }),
  );
});

function sampledByHand(crop: Uint8Array, side: number): PictureSample | undefined {
  const luma = (x: number, y: number) => {
    const [red = 0, green = 0, blue = 0] = crop.subarray((y * side + x) * 3);
    return 77 * red + 150 * green + 29 * blue;
  };
  const lumas: number[] = [];
  const laplacians: number[] = [];
  for (let y = 1; y < side - 1; y += 3) {
    for (let x = 1; x < side - 1; x += 3) {
      if (luma(x, y) === 0) continue;
      lumas.push(luma(x, y));
      const around = [luma(x - 1, y), luma(x + 1, y), luma(x, y - 1), luma(x, y + 1)];
      if (!around.includes(0)) laplacians.push(around.reduce((sum, each) => sum + each, -4 * luma(x, y)));
    }
  }
  if (laplacians.length === 0) return undefined;
  return { contrast: Math.sqrt(varianceOf(lumas)), sharpness: varianceOf(laplacians) };
}

/** Of figures that are 256 times too large. */
function varianceOf(all: readonly number[]): number {
  const sum = all.reduce((total, each) => total + each, 0);
  const squares = all.reduce((total, each) => total + each * each, 0);
  return Math.max(0, squares / all.length - (sum / all.length) ** 2) / 256 ** 2;
}
