import { meanColour } from '@pomona/grading';
import type { Standardise } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { contactSheet } from './contact-sheet.ts';
import { renderViewsInParallel } from './render-in-parallel.ts';
import { defectCellPx, type FruitViews, renderViews } from './render-views.ts';

const size = 64;
const cells = size / defectCellPx;
const render = (seed: number, fruits = 12) => [...renderViews({ seed, fruits, viewsPerFruit: 4, size })];

describe('views of drawn fruit', () => {
  it('are the same for the same seed, and others for another', () => {
    const [a, b, c] = [render(2, 3), render(2, 3), render(3, 3)];
    expect(b).toEqual(a);
    expect(c[0]!.crops).not.toEqual(a[0]!.crops);
  });

  it('are the same when several threads render them', async () => {
    const options = { seed: 6, fruits: 43, viewsPerFruit: 1, size: 32 };
    const worker = new URL('../dist/render-worker.js', import.meta.url);
    const parallel = [];
    for await (const fruit of renderViewsInParallel(options, 2, worker)) parallel.push(fruit);
    expect(parallel).toEqual([...renderViews(options)]);
  });

  it('have maps that are empty where nothing is wrong, and lie on the fruit where something is', () => {
    for (const fruit of render(9, 24)) {
      const total = fruit.defects.reduce((sum, share) => sum + share, 0);
      if (fruit.defectShare === 0) expect(total).toBe(0);
      if (fruit.defectShare > 0.1) expect(total).toBeGreaterThan(255);
      for (let view = 0; view < 4; view++) {
        for (let cell = 0; cell < cells * cells; cell++) {
          const at = (view * cells * cells + cell) * 2;
          // Rot is a part of all that is wrong.
          expect(fruit.defects[at + 1]!).toBeLessThanOrEqual(fruit.defects[at]!);
          if (fruit.defects[at]! < 250) continue;
          const y = Math.floor(cell / cells) * defectCellPx;
          const x = (cell % cells) * defectCellPx;
          expect(showsFruit(fruit.crops, view, x, y)).toBe(true);
        }
      }
    }
  });

  it('look under warm lamps as under the usual ones where their light is taken out', () => {
    const drawn = (scenario: string | undefined, standardise?: Standardise) =>
      colours([...renderViews({ seed: 5, fruits: 8, viewsPerFruit: 2, size, scenario, standardise })]);
    const balance = { whiteBalance: 'grey-surroundings' } as const;
    const usual = drawn(undefined);
    // The fruit was red and is redder; the estimate may not take that for the lamps.
    expect(apart(drawn('warm-light'), usual)).toBeGreaterThan(6);
    expect(apart(drawn('warm-light', balance), drawn(undefined, balance))).toBeLessThan(2);
    expect(apart(drawn(undefined, balance), usual)).toBeLessThan(1);
    // Contrast is raised no more than twice, which is about half of what is missing here.
    const equalise = { contrast: 'equalised' } as const;
    const dim = apart(drawn('dim-light'), usual);
    expect(apart(drawn('dim-light', equalise), drawn(undefined, equalise))).toBeLessThan(0.65 * dim);
  });

  it('make a contact sheet of all three grades', async () => {
    const png = Buffer.from(await contactSheet({ seed: 1, columns: 3, rows: 1 }));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.readUInt32BE(16)).toBe(3 * 128 + 2 * 16);
  });
});

/** Whether fruit shows in a cell or right beside it: a dark defect at the rim may be outside of the outline that was found. */
function showsFruit(crops: Uint8Array, view: number, x: number, y: number): boolean {
  const [from, to] = [Math.max(0, x - defectCellPx), Math.min(size, x + 2 * defectCellPx)];
  return Array.from({ length: defectCellPx }, (_, row) => {
    const at = (view * size + y + row) * size;
    return crops.slice((at + from) * 3, (at + to) * 3);
  }).some((pixels) => pixels.some((value) => value > 0));
}

/** Mean red, green and blue of every fruit's views. */
function colours(fruits: readonly FruitViews[]): number[] {
  return fruits.flatMap(({ crops }) =>
    [0, 1].flatMap((view) => meanColour(crops, view * size * size * 3, size)),
  );
}

/** Grey levels in the mean. */
function apart(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
}
