import { describe, expect, it } from 'vitest';
import { sampleRelease } from '../testing/sample-records.ts';
import { ShadowPlaces, shadowMemory } from './shadow-messages.ts';

const size = 8;
const crop = (value: number) => new Uint8Array(size * size * 3).fill(value);

function twoSides() {
  const memory = shadowMemory(sampleRelease(), size);
  return { line: new ShadowPlaces(memory), shadow: new ShadowPlaces(memory) };
}

describe('the places of a shadow', () => {
  it('bring crops from one side to the other, and are used again when they are freed', () => {
    const { line, shadow } = twoSides();
    const place = line.put([crop(1), crop(2)], 1_000)!;
    expect(shadow.crops(place, 2)).toEqual(Uint8Array.from([...crop(1), ...crop(2)]));
    const others = [2, 3, 4].map((value) => line.put([crop(value)], 1_000));
    expect(new Set([place, ...others]).size).toBe(4);
    expect(line.put([crop(9)], 1_000)).toBeUndefined();
    expect(shadow.passedOver).toBe(1);
    shadow.free(place);
    expect(line.put([crop(5)], 1_000)).toBe(place);
    expect(shadow.crops(place, 1)).toEqual(crop(5));
  });

  it('are not lost with who took them, however long the machine has run', () => {
    for (const nowMs of [5_000, 2 ** 31 - 100.5, 2 ** 32]) {
      const { line } = twoSides();
      for (let i = 0; i < 4; i++) line.put([crop(i)], nowMs);
      expect(line.put([crop(5)], nowMs + 59_000)).toBeUndefined();
      expect(line.put([crop(5)], nowMs + 61_000)).toBe(0);
    }
  });
});
