import { type Augmentation, defaultRecipe } from '@pomona/catalog';
import { seededRandom } from '@pomona/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Disturb, disturbing } from './disturb.ts';
import { turnCrop, turnMap } from './turn-freely.ts';

const size = 24;
const cells = 6;
const plane = size * size;
const still = { ...defaultRecipe.augmentation, rotation: 0 };
const strong = { rotation: 0.7, blur: 1.5, noise: 12, highlights: 1, occlusion: 1, edge: 0.1, background: 1 };
type Setting = keyof typeof strong;
const settings = Object.keys(strong) as Setting[];
const only = (...names: readonly Setting[]): Augmentation => ({
  ...still,
  ...Object.fromEntries(names.map((name) => [name, strong[name]])),
});

/** A grey disc with a darker spot, planar, and a map that says where the spot is. */
function disc(spotX = 15, spotY = 9) {
  const pixels = new Uint8Array(3 * plane);
  const map = new Uint8Array(cells * cells * 2);
  for (let at = 0; at < plane; at++) {
    const [x, y] = [at % size, Math.floor(at / size)];
    if (Math.hypot(x - 11.5, y - 11.5) > 10) continue;
    const isSpot = Math.hypot(x - spotX, y - spotY) < 2.5;
    for (let channel = 0; channel < 3; channel++)
      pixels[channel * plane + at] = (isSpot ? 60 : 160) + 20 * channel;
    if (isSpot) map[2 * (Math.floor(y / 4) * cells + Math.floor(x / 4))]! += 12;
  }
  return { pixels, map };
}

function disturbed(strength: Augmentation, seed: number, { pixels, map } = disc()) {
  const disturb = disturbing(size, cells, strength) as Disturb;
  disturb(pixels, map, seededRandom(seed));
  return { pixels, map };
}

const isBlack = (pixels: Uint8Array, at: number) =>
  pixels[at] === 0 && pixels[plane + at] === 0 && pixels[2 * plane + at] === 0;

describe('a disturbed crop', () => {
  test('is left alone at strength 0, and nothing random is drawn', () => {
    expect(disturbing(size, cells, still)).toBeUndefined();
    expect(disturbing(size, cells, defaultRecipe.augmentation)).toBeUndefined();
  });

  test('is the same from the same seed, and another from another', () => {
    fc.assert(
      fc.property(fc.subarray(settings, { minLength: 1 }), fc.nat(10_000), (names, seed) => {
        const once = disturbed(only(...names), seed);
        expect(disturbed(only(...names), seed)).toEqual(once);
        expect(disturbed(only(...names), seed + 1).pixels).not.toEqual(once.pixels);
      }),
      { numRuns: 30 },
    );
  });

  test('keeps what is masked masked, and fruit from becoming so, under light, lens and what is in front of it', () => {
    const inPlace: readonly Setting[] = ['blur', 'noise', 'highlights', 'occlusion'];
    fc.assert(
      fc.property(fc.subarray([...inPlace], { minLength: 1 }), fc.nat(10_000), (names, seed) => {
        const before = disc().pixels;
        const { pixels } = disturbed(only(...names), seed);
        for (let at = 0; at < plane; at++) expect(isBlack(pixels, at)).toBe(isBlack(before, at));
      }),
      { numRuns: 40 },
    );
  });

  test('is nothing but fruit where it was turned: no black creeps in, no fruit out of the disc', () => {
    const even = disc(99, 99);
    const { pixels } = disturbed(only('rotation'), 5, even);
    for (let at = 0; at < plane; at++) if (!isBlack(pixels, at)) expect(pixels[at]).toBe(160);
    const count = (of: Uint8Array) => of.subarray(0, plane).filter((level) => level > 0).length;
    expect(Math.abs(count(pixels) - count(disc().pixels))).toBeLessThan(0.05 * plane);
  });

  test('loses fruit or gains background at its edge only, and not all of it', () => {
    const before = disc().pixels;
    let [lost, gained] = [0, 0];
    for (let seed = 0; seed < 20; seed++) {
      const { pixels } = disturbed(only('edge'), seed);
      for (let at = 0; at < plane; at++) {
        if (isBlack(pixels, at) === isBlack(before, at)) continue;
        if (isBlack(pixels, at)) lost++;
        else gained++;
        const radius = Math.hypot((at % size) - 11.5, Math.floor(at / size) - 11.5);
        expect(Math.abs(radius - 10)).toBeLessThan(strong.edge * size + 1.5);
      }
    }
    expect(lost).toBeGreaterThan(20);
    expect(gained).toBeGreaterThan(20);
  });

  test('has a background of some colour where that is asked for, and the same fruit', () => {
    const before = disc().pixels;
    const { pixels } = disturbed(only('background'), 3);
    for (let at = 0; at < plane; at++) {
      expect(isBlack(pixels, at)).toBe(false);
      if (!isBlack(before, at)) expect(pixels[at]).toBe(before[at]);
    }
  });

  test('says nothing in its map of a defect that a leaf or a finger hides', () => {
    let hidden = 0;
    for (let seed = 0; seed < 30; seed++) {
      const before = disc();
      const { pixels, map } = disturbed(only('occlusion'), seed);
      const isCovered = (at: number) => pixels[at] !== before.pixels[at];
      const spot = Array.from({ length: plane }, (_, at) => at).filter((at) => before.pixels[at] === 60);
      const sum = (of: Uint8Array) => of.reduce((total, each) => total + each, 0);
      if (spot.every((at) => !isCovered(at)) && sum(map) === sum(before.map)) continue;
      hidden++;
      expect(sum(map)).toBeLessThanOrEqual(sum(before.map));
    }
    expect(hidden).toBeGreaterThan(0);
    expect(hidden).toBeLessThan(30);
  });

  test('loses contrast to blur and gains it from noise', () => {
    const spread = (of: Uint8Array) => {
      const levels = [...of.subarray(0, plane)].filter((level) => level > 0);
      const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length;
      return levels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / levels.length;
    };
    const before = spread(disc().pixels);
    expect(spread(disturbed(only('blur'), 3).pixels)).toBeLessThan(before);
    expect(spread(disturbed(only('noise'), 3, disc(99, 99)).pixels)).toBeGreaterThan(1);
  });
});

describe('turned by a quarter', () => {
  test('a crop and its map are what they are when turned without averaging', () => {
    const { pixels, map } = disc();
    const [crop, drawn] = [pixels.slice(), map.slice()];
    const mask = Uint8Array.from({ length: plane }, (_, at) => (isBlack(pixels, at) ? 0 : 1));
    turnCrop(pixels, mask, new Uint8Array(4 * plane), size, Math.PI / 2);
    turnMap(map, new Uint8Array(2 * cells * cells), cells, Math.PI / 2);
    for (let at = 0; at < plane; at++) {
      const [x, y] = [at % size, Math.floor(at / size)];
      expect(pixels[at]).toBe(crop[(size - 1 - x) * size + y]);
    }
    for (let cell = 0; cell < cells * cells; cell++) {
      const [x, y] = [cell % cells, Math.floor(cell / cells)];
      expect(map[2 * cell]).toBe(drawn[2 * ((cells - 1 - x) * cells + y)]);
    }
  });
});
