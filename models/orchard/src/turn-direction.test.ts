import { randomInt, seededRandom } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { cutOutPx } from './photographed-fruit.ts';
import { rolledForward } from './turn-direction.ts';

/** Blotches that move to the right by so many pixels per frame. */
function moving(stepPx: number) {
  const random = seededRandom(1, 'blotches');
  const blotches = Array.from({ length: 60 }, () => ({
    x: randomInt(random, 4 * cutOutPx) - 2 * cutOutPx,
    y: randomInt(random, cutOutPx),
    value: 60 + randomInt(random, 190),
  }));
  return Array.from({ length: 8 }, (_, frame) => {
    const crop = new Uint8Array(cutOutPx ** 2 * 3).fill(128);
    for (const { x, y, value } of blotches)
      for (let j = y; j < Math.min(cutOutPx, y + 14); j++)
        for (let i = x + stepPx * frame; i < x + stepPx * frame + 14; i++)
          if (i >= 0 && i < cutOutPx) crop.fill(value, 3 * (j * cutOutPx + i), 3 * (j * cutOutPx + i) + 3);
    return { crop, side: 1 };
  });
}

describe('the direction in which a fruit turns', () => {
  it('is kept where its near side moves with the belt, and turned round where it moves against it', () => {
    for (const stepPx of [8, 14, 20]) {
      const forward = moving(stepPx);
      expect(rolledForward(forward), `${stepPx} pixels`).toEqual(forward);
      expect(rolledForward(forward.toReversed()), `-${stepPx} pixels`).toEqual(forward);
    }
  });

  it('does not matter for one photograph', () => {
    const one = moving(10).slice(0, 1);
    expect(rolledForward(one)).toEqual(one);
  });
});
