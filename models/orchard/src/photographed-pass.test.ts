import { describe, expect, it } from 'vitest';
import { Line } from './line.ts';
import { type CutOut, cutOutPx, type PhotographedFruit } from './photographed-fruit.ts';
import { everyStart, passByChance } from './photographed-pass.ts';

/** A disc of one colour that fills the crop. */
function disc(red: number, green: number, blue: number): CutOut {
  const crop = new Uint8Array(cutOutPx ** 2 * 3);
  for (let i = 0; i < cutOutPx ** 2; i++) {
    const [x, y] = [(i % cutOutPx) - cutOutPx / 2, Math.floor(i / cutOutPx) - cutOutPx / 2];
    if (Math.hypot(x, y) < cutOutPx / 2) crop.set([red, green, blue], 3 * i);
  }
  return { crop, side: 1 };
}

const red: PhotographedFruit = {
  name: 'red',
  grade: 'good',
  turns: [
    [disc(200, 10, 10), disc(240, 10, 10)],
    [disc(220, 40, 10), disc(220, 60, 10), disc(220, 80, 10)],
  ],
};
const blue: PhotographedFruit = { name: 'blue', grade: 'bad', turns: [[disc(10, 10, 220)]] };

describe('passes of photographed fruit', () => {
  it('begin once with each frame of each turn, and never mix two turns', () => {
    const passes = everyStart([red, blue]);
    expect(passes.map(({ fruit, frames, phase }) => [fruit.name, frames.length, phase])).toEqual([
      ['red', 2, 0.25],
      ['red', 2, 0.75],
      ['red', 3, 1 / 6],
      ['red', 3, 0.5],
      ['red', 3, 2.5 / 3],
      ['blue', 1, 0.5],
    ]);
  });

  it('show every fruit and every turn of it by chance, the same for the same seed', () => {
    const all = Array.from({ length: 200 }, (_, id) => passByChance([red, blue], 1, id)!);
    const shown = new Set(all.map(({ frames }) => frames));
    expect(shown).toEqual(new Set([...red.turns, ...blue.turns]));
    expect(passByChance([red, blue], 1, 7)).toEqual(all[7]);
    expect(passByChance([], 1, 7)).toBeUndefined();
  });

  it('go down the line one after the other, each fruit as large whenever it comes, and turn once per circumference', () => {
    const passes = everyStart([red, blue]);
    const line = new Line({ seed: 2, passes });
    const passed = line.advance(5_000);
    expect(passed.map(({ photographed }) => photographed)).toEqual(passes);
    expect(new Set(passed.map(({ fruit }) => fruit.diameterMm)).size).toBe(2);
    expect(line.advance(50_000)).toEqual([]);

    const alone = new Line({ seed: 2, passes: passes.slice(0, 1) });
    const { frameWidthPx: width, frameHeightPx: height } = alone.geometry;
    const data = new Uint8Array(width * height * 3);
    const reds: number[] = [];
    let diameterMm = 0;
    for (let mm = 0; alone.advance(mm).length === 0; mm += 10) {
      const [fruit] = alone.passing;
      if (fruit === undefined) continue;
      diameterMm = fruit.fruit.diameterMm;
      const { xPx, yPx, radiusPx } = alone.place(fruit, mm);
      if (xPx < radiusPx || xPx > width - radiusPx) continue;
      alone.draw(data, mm, 1);
      reds.push(data[3 * (Math.round(yPx) * width + Math.round(xPx))]!);
    }
    const changes = reds.filter((value, i) => i > 0 && value !== reds[i - 1]).length;
    const turns = ((reds.length - 1) * 10) / (Math.PI * diameterMm);
    expect(new Set(reds)).toEqual(new Set([200, 240]));
    expect(Math.abs(changes - 2 * turns)).toBeLessThanOrEqual(1);
  });
});
