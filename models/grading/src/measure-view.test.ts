import { hueBins } from '@pomona/wire';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { frameBuffer, residentFloats } from './kernel-memory.ts';
import { countHues, hueRow, hueShares, skinOfCells, skinShares } from './measure-view.ts';

const size = 64;
/** A crop of these colours in stripes of four pixels, so that each is looked at as often. */
const cropOf = (...colours: readonly number[][]) =>
  Uint8Array.from(
    { length: size * size * 3 },
    (_, i) => colours[Math.floor(i / 12) % colours.length]![i % 3]!,
  );
const sharesOf = (...crops: readonly Uint8Array[]) => {
  const rows = new Uint16Array(crops.length * hueRow);
  crops.forEach((crop, v) => {
    countHues(crop, 0, size, rows, v * hueRow);
  });
  return hueShares(rows, crops.length);
};
const bin = (hue: number) => (hue + 40) / 10;

it('counts the skin by hue: red, yellow, green; grey, dark and blue are skin of no hue, black is no skin', () => {
  const all = sharesOf(
    cropOf(
      [200, 20, 20],
      [200, 190, 20],
      [80, 160, 40],
      [120, 120, 120],
      [20, 5, 5],
      [20, 20, 200],
      [0, 0, 0],
      [0, 0, 0],
    ),
  );
  const named = [bin(0), bin(50), bin(100)];
  // A sixth each, as near as so many pixels tell.
  for (const at of named) expect(Math.abs(all![at]! - 1000 / 6)).toBeLessThan(12);
  expect(all!.filter((_, at) => !named.includes(at))).toEqual(new Array(hueBins - 3).fill(0));
  expect(sharesOf(cropOf([200, 20, 60], [0, 0, 0]))![bin(-20)]).toBe(1000);
  expect(sharesOf(cropOf([0, 0, 0]))).toBeUndefined();
});

it('lets each view count alike, however large its fruit is in the picture', () => {
  const red = cropOf([200, 20, 20]);
  const shares = sharesOf(red, cropOf([80, 160, 40], [0, 0, 0]), red)!;
  expect([shares[bin(0)], shares[bin(100)]]).toEqual([667, 333]);
});

it('weighs a defect by the skin that its cell shows, and takes no doubt for one', () => {
  const cells = 16;
  const skin = skinOfCells(cells);
  expect(skin.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
  expect(skin[0]).toBe(0);
  const map = (share: number) =>
    Float32Array.from({ length: 2 * cells * cells }, (_, i) => (i % 2 === 0 ? share : 0));
  const defectOf = (shares: Float32Array) => skinShares(shares, 0, skin)[0]!;
  expect(defectOf(map(1))).toBeCloseTo(1, 6);
  expect(defectOf(map(0.5))).toBeCloseTo(0.5, 6);
  expect(defectOf(map(0.05))).toBe(0);
  const one = (cell: number) => defectOf(map(0).fill(1, 2 * cell, 2 * cell + 1));
  expect(one(8 * cells + 1)).toBeGreaterThan(2 * one(8 * cells + 8));
});

it('shares the skin among defect and rot as one does by hand, wherever the map lies', () => {
  const cells = 12;
  const skin = skinOfCells(cells);
  const numbers = 2 * cells * cells;
  const float = fc.float({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(float, { minLength: numbers, maxLength: numbers }),
      fc.boolean(),
      (map, isResident) => {
        const maps = isResident ? residentFloats(2 * numbers) : new Float32Array(2 * numbers);
        maps.set(map, numbers);
        const byHand = [0, 1].map((k) =>
          skin.reduce((sum, each, cell) => {
            const share = maps[numbers + 2 * cell + k]!;
            return share >= 0.1 ? sum + each * share : sum;
          }, 0),
        );
        expect(Array.from({ length: 2 }, (_, k) => skinShares(maps, numbers, skin)[k])).toEqual(byHand);
      },
    ),
  );
});

it('counts the pixels of any crop as one does by hand, wherever it lies and however large it is', () => {
  const sides = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(sides, fc.infiniteStream(fc.nat(255)), fc.boolean(), (side, stream, isResident) => {
      const bytes = side * side * 3;
      const crops = isResident ? frameBuffer(2 * bytes) : new Uint8Array(2 * bytes);
      for (let i = 0; i < crops.length; i++) crops[i] = stream.next().value!;
      // Some that are grey, some that are black.
      for (let i = 0; i + 69 < crops.length; i += 138) crops.fill(i % 4 === 0 ? 0 : 90, i, i + 3);
      const row = new Uint16Array(hueRow + 2).fill(7);
      countHues(crops, bytes, side, row, 1);
      expect([...row]).toEqual([7, ...huesByHand(crops.subarray(bytes)), 7]);
    }),
  );
});

function huesByHand(crop: Uint8Array): number[] {
  const row = new Array<number>(hueRow).fill(0);
  for (let i = 0; i < crop.length; i += 69) {
    const [r, g, b] = [crop[i]!, crop[i + 1]!, crop[i + 2]!];
    const max = Math.max(r, g, b);
    const chroma = max - Math.min(r, g, b);
    if (max === 0) continue;
    row[hueBins]!++;
    if (max < 40 || 20 * chroma < 3 * max || (b === max && r !== max && g !== max)) continue;
    const hue = r === max ? (60 * (g - b)) / chroma : 120 + (60 * (b - r)) / chroma;
    const at = Math.floor((hue + 40) / 10);
    if (at >= 0 && at < hueBins) row[at]!++;
  }
  return row;
}
