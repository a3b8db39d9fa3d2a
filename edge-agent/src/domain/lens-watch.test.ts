import { describe, expect, it } from 'vitest';
import { LensWatch } from './lens-watch.ts';

const size = 16;
/** Stripes of that contrast. */
function view(contrast: number): Uint8Array {
  const pixels = new Uint8Array(size * size * 3);
  for (let i = 0; i < size * size; i++)
    pixels.fill(120 + (i % 2 === 0 ? contrast : -contrast), i * 3, i * 3 + 3);
  return pixels;
}

const see = (watch: LensWatch, picture: Uint8Array, times: number, luma = 120): number => {
  const belt = { red: luma, green: luma, blue: luma };
  return Array.from({ length: times }, () => watch.see(picture, size, belt)).filter(Boolean).length;
};

describe('the lens', () => {
  it('is learned from the first fruit, once', () => {
    const watch = new LensWatch();
    expect(watch.condition().state).toBe('learning');
    expect(see(watch, view(20), 200)).toBe(1);
    expect(watch.condition()).toEqual({ state: 'clean', detail: '' });
    expect(watch.reference?.luma).toBeCloseTo(120);
  });

  it('is dirty when fruit has lost much of its sharpness, and says how much', () => {
    const watch = new LensWatch();
    see(watch, view(20), 60);
    see(watch, view(17), 30);
    expect(watch.condition().state).toBe('clean');
    see(watch, view(10), 30);
    expect(watch.condition()).toEqual({
      state: 'warning',
      detail: 'the picture has lost 75 % of its sharpness',
    });
    watch.learnAnew();
    see(watch, view(10), 60);
    expect(watch.condition().state).toBe('clean');
  });

  it.each([
    [80, 'the belt is 33 % darker than it was'],
    [180, 'the belt is 33 % brighter than it was'],
  ])('tells light of %i from a reference that it was given', (luma, detail) => {
    const known = new LensWatch();
    see(known, view(20), 60);
    const watch = new LensWatch(known.reference);
    see(watch, view(20), 29, luma);
    expect(watch.condition().state).toBe('learning');
    see(watch, view(20), 1, luma);
    expect(watch.condition()).toEqual({ state: 'warning', detail });
  });

  it('learns nothing from a view without fruit', () => {
    const watch = new LensWatch();
    expect(see(watch, new Uint8Array(size * size * 3), 100)).toBe(0);
    expect(watch.reference).toBeUndefined();
  });
});
