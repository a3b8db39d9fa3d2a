import { describe, expect, it } from 'vitest';
import { randomNormal, seededRandom } from './seeded-random.ts';

const draw = (seed: number, label?: string) => {
  const random = seededRandom(seed, label);
  return Array.from({ length: 8 }, () => random.next());
};

describe('seededRandom', () => {
  it('repeats for the same seed and label', () => {
    expect(draw(42, 'line')).toEqual(draw(42, 'line'));
  });

  it('differs between seeds and between labels', () => {
    expect(draw(42)).not.toEqual(draw(43));
    expect(draw(42, 'line')).not.toEqual(draw(42, 'dataset'));
    expect(draw(1)).not.toEqual(draw(1 + 0x1_0000_0000));
  });

  it('fills the unit interval evenly', () => {
    const random = seededRandom(7);
    const bins = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const bin = Math.floor(random.next() * 10);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    for (const count of bins) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('draws normals with mean 0 and deviation 1', () => {
    const random = seededRandom(7);
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < 50_000; i++) {
      const x = randomNormal(random);
      sum += x;
      squares += x * x;
    }
    expect(Math.abs(sum / 50_000)).toBeLessThan(0.02);
    expect(Math.abs(squares / 50_000 - 1)).toBeLessThan(0.03);
  });
});
