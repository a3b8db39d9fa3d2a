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
    const first = line.put([crop(1), crop(2)], 1_000)!;
    expect(shadow.crops(first.place, 2)).toEqual(Uint8Array.from([...crop(1), ...crop(2)]));
    const others = [2, 3, 4].map((value) => line.put([crop(value)], 1_000)!.place);
    expect(new Set([first.place, ...others]).size).toBe(4);
    expect(line.put([crop(9)], 1_000)).toBeUndefined();
    expect(shadow.passedOver).toBe(1);
    shadow.free(first);
    expect(line.put([crop(5)], 1_000)).toEqual(first);
    expect(shadow.crops(first.place, 1)).toEqual(crop(5));
  });

  it('stay with who took one anew when the one before is done at last', () => {
    const { line, shadow } = twoSides();
    const [first] = [1, 2, 3, 4].map((value) => line.put([crop(value)], 1_000)!);
    const anew = line.put([crop(5)], 62_000)!;
    expect(anew.place).toBe(first!.place);
    shadow.free(first!);
    for (const value of [6, 7, 8]) line.put([crop(value)], 62_000);
    expect(shadow.crops(anew.place, 1)).toEqual(crop(5));
    expect(line.put([crop(9)], 62_000)).toBeUndefined();
    shadow.free(anew);
    expect(line.put([crop(9)], 62_000)).toEqual(anew);
  });

  it('are not lost with who took them, however long the machine has run', () => {
    for (const nowMs of [5_000, 2 ** 31 - 100.5, 2 ** 32]) {
      const { line } = twoSides();
      for (let i = 0; i < 4; i++) line.put([crop(i)], nowMs);
      expect(line.put([crop(5)], nowMs + 59_000)).toBeUndefined();
      expect(line.put([crop(5)], nowMs + 61_000)).toMatchObject({ place: 0 });
    }
  });
});
