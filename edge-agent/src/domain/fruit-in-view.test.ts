import { meanColour } from '@pomona/grading';
import { describe, expect, it } from 'vitest';
import { FruitInView } from './fruit-in-view.ts';

/** A fruit that was seen so often; the crop of view i is the number i. */
function seen(views: number): FruitInView<string> {
  const fruit = new FruitInView('model');
  for (let i = 0; i < views; i++) {
    const view = { capturedAtMs: i, travelMm: i, diameterMm: 80, colour: [0, 0, 0] };
    fruit.add({ ...view, crop: Uint8Array.of(i) }, Float32Array.of(1, 0), 0, 2);
  }
  return fruit;
}

const numbers = (crops: readonly Uint8Array[]) => crops.map(([i]) => i!);

describe('the crops of a fruit', () => {
  it('are all kept while there are few', () => {
    expect(numbers(seen(7).cropsSpread(16))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it.each([17, 40, 63, 100, 255])(
    'are bounded and from its whole passage when there are %i views',
    (views) => {
      const fruit = seen(views);
      const all = numbers(fruit.cropsSpread(1_000));
      expect(all.length).toBeLessThanOrEqual(16);
      const spread = numbers(fruit.cropsSpread(8));
      expect(spread).toHaveLength(8);
      expect(spread[0]).toBe(0);
      expect(spread.at(-1)).toBeGreaterThanOrEqual(views * 0.85);
      const steps = spread.slice(1).map((at, i) => at - spread[i]!);
      expect(Math.max(...steps)).toBeLessThanOrEqual((2 * views) / 7);
      for (const at of numbers(fruit.cropsCentral(2)))
        expect(Math.abs(at - views / 2)).toBeLessThanOrEqual(views / 6);
    },
  );
});

describe('the mean colour of crops', () => {
  it.each([32, 33, 5, 1])('is that of each one, when %i pixels are their side', (size) => {
    const bytes = size * size * 3;
    const colours = [
      [200, 40, 30],
      [10, 90, 250],
      [0, 0, 0],
    ];
    const crops = new Uint8Array(bytes * 3);
    colours.forEach((colour, i) => {
      for (let at = i * bytes; at < (i + 1) * bytes; at += 3) crops.set(colour, at);
    });
    expect(colours.map((_, i) => meanColour(crops, i * bytes, size))).toEqual(colours);
  });
});
