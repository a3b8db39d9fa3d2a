import { expect, test } from 'vitest';
import { outlineFeatures, plainFeatures, plainScores } from './plain-features.ts';

const size = 16;

/** A square of one colour in a black picture. */
function square(side: number, rgb: readonly [number, number, number]): Uint8Array {
  const crop = new Uint8Array(size * size * 3);
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) crop.set(rgb, (y * size + x) * 3);
  return crop;
}

test('an outline tells nothing of colour', () => {
  const [red, green] = [square(8, [200, 10, 10]), square(8, [10, 200, 10])];
  expect(outlineFeatures(red, size)).toEqual(outlineFeatures(green, size));
  expect(outlineFeatures(red, size)).not.toEqual(outlineFeatures(square(12, [200, 10, 10]), size));
  expect(plainFeatures(red, size)).not.toEqual(plainFeatures(green, size));
});

test('learns from plain features what they tell', () => {
  const known = Array.from({ length: 20 }, (_, at) => ({
    ...{ isBad: at % 2 === 1, group: `${at}` },
    features: plainFeatures(square(8, at % 2 === 1 ? [90, 60 + at, 30] : [220, 40 + at, 40]), size),
  }));
  const asked = known.map((each) => ({ ...each }));
  const scores = plainScores(known, asked);
  scores.forEach((score, at) => {
    expect(score > 0).toBe(known[at]!.isBad);
  });
});
