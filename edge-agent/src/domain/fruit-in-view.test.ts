import { meanColour, unpackViews } from '@pomona/grading';
import { describe, expect, it } from 'vitest';
import { FruitInView } from './fruit-in-view.ts';

/** A fruit that was seen so often; the crop of view i is the number i. */
function seen(views: number): FruitInView<string> {
  const fruit = new FruitInView('model');
  for (let i = 0; i < views; i++) {
    const view = { capturedAtMs: i, travelMm: i, diameterMm: 80, roundness: 0.9, colour: [0, 0, 0] };
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

describe('the diameter of a fruit', () => {
  const measured = (axesMm: readonly (readonly [number, number])[]) => {
    const fruit = new FruitInView('model');
    axesMm.forEach(([long, short], i) => {
      const view = { capturedAtMs: i, travelMm: i, diameterMm: (long + short) / 2, roundness: short / long };
      fruit.add({ ...view, colour: [0, 0, 0], crop: undefined }, Float32Array.of(1, 0), 0, 2);
    });
    return fruit.diameterMm;
  };

  it('is that of its equator where some views show it, however many show it from the side', () => {
    const [along, aside] = [[80, 79.5] as const, [80, 68] as const];
    expect(Math.abs(measured([aside, aside, along, aside, aside, aside, along]) - 79.75)).toBeLessThan(0.1);
    expect(measured([aside, aside])).toBe(74);
  });

  it('is the mean of views that are equally round', () => {
    expect(
      measured(
        [
          [80, 76],
          [81, 76.95],
          [79, 75.05],
        ].map(([a, b]) => [a!, b!] as const),
      ),
    ).toBeCloseTo(78);
  });

  it('is that of what was seen however flat it is, and 0 of nothing', () => {
    expect(measured([[80, 30]])).toBeCloseTo(55);
    expect(measured([])).toBe(0);
  });
});

describe('what is measured of a fruit', () => {
  const cells = 4;
  const skin = new Float64Array(cells * cells).fill(1 / (cells * cells));
  const crops = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => [200, 30, 20][i % 3]!);
  /** Ten views for each turn; the spot shows in the first five of them. */
  function rolled(views: number, isMapped = true): FruitInView<string> {
    const fruit = new FruitInView('model');
    const stepMm = (Math.PI * 80) / 10;
    for (let i = 0; i < views; i++) {
      const view = {
        capturedAtMs: i,
        travelMm: i * stepMm,
        diameterMm: 80,
        roundness: 0.9,
        colour: [0, 0, 0],
        crop: undefined,
      };
      fruit.look({ crops, inputSize: 16 }, 0);
      fruit.add(view, Float32Array.of(0.75, 0.25), 0, 2);
      // Half of what is defect is rot.
      const map = new Float32Array(cells * cells * 2).map((_, at) => (i % 10 < 5 ? [0.4, 0.2][at % 2]! : 0));
      const defects = isMapped ? { map, cells } : undefined;
      fruit.measure({ defects }, 0, { roundness: 0.9 }, skin);
    }
    return fruit;
  }

  it('is merged over its views, which count alike', () => {
    const measures = rolled(15).measures(undefined)!;
    expect(measures).toMatchObject({ roundness: 0.9, turns: 1.4 });
    // The spot shows in ten of them.
    expect(measures.defectShare).toBeCloseTo((0.4 * 10) / 15, 5);
    expect(measures.rotShare).toBeCloseTo((0.2 * 10) / 15, 5);
    expect(measures.hues![4]).toBe(1_000);
    expect(unpackViews(measures.views!, 2)).toHaveLength(15);
    expect(measures).not.toHaveProperty('fusion');
    expect(rolled(15).measures({ method: 'worstView' })).toMatchObject({ fusion: 'worstView' });
  });

  it('has contrast and sharpness of two views from the middle of the picture, rounded', () => {
    /** Rows that differ by so much, and twice that from what is around them. */
    const striped = (by: number) =>
      Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => 100 + (Math.floor(i / 48) % 2 === 0 ? by : 0));
    const fruit = rolled(4);
    const sample = (by: number, along: number) =>
      fruit.samplePicture({ crops: striped(by), inputSize: 16 }, 0, { xPx: along }, { frameWidthPx: 1 });
    expect(fruit.measures(undefined)).not.toHaveProperty('contrast');
    sample(90, 0.1);
    sample(90, 0.8);
    fruit.samplePicture(
      { crops: new Uint8Array(16 * 16 * 3), inputSize: 16 },
      0,
      { xPx: 0.4 },
      { frameWidthPx: 1 },
    );
    expect(fruit.measures(undefined)).not.toHaveProperty('sharpness');
    sample(40, 0.3);
    // Three of the five rows that are looked at are of one kind.
    expect(fruit.measures(undefined)).toMatchObject({ contrast: 19.6, sharpness: 80 ** 2 * 0.96 });
    sample(60, 0.6);
    sample(90, 0.7);
    expect(fruit.measures(undefined)).toMatchObject({
      contrast: 24.5,
      sharpness: ((80 ** 2 + 120 ** 2) / 2) * 0.96,
    });
  });

  it('is what a recipe’s limits of areas are held against', () => {
    const by = (at: number) =>
      rolled(10).fuse({ method: 'weights', areas: { weight: 1, defect: [{ at, steepness: 9 }] } })[0]!;
    expect(by(0.1)).toBeLessThan(0.05);
    expect(by(0.4)).toBeGreaterThan(0.95);
    const unmapped = rolled(10, false);
    const areas = { weight: 1, defect: [{ at: 0.1, steepness: 9 }] };
    expect(unmapped.fuse({ method: 'weights', areas })).toEqual(unmapped.fuse());
  });

  it('holds nothing that was not measured, and of a fruit that stays no more than it has room for', () => {
    expect(new FruitInView('model').measures(undefined)).toBeUndefined();
    expect(rolled(3, false).measures(undefined)).not.toHaveProperty('defectShare');
    const many = rolled(255).measures(undefined)!;
    expect(many.defectShare).toBeCloseTo(0.2, 1);
    expect(many).not.toHaveProperty('views');
  });
});

describe('a fruit that is begun where another was', () => {
  it('has nothing of it', () => {
    const addTo = (fruit: FruitInView<string>, from: number, views: number) => {
      for (let i = from; i < from + views; i++) {
        const view = {
          capturedAtMs: i,
          travelMm: 40 * i,
          diameterMm: 70 + i,
          roundness: 0.9,
          colour: [i, 2, 3],
        };
        const rows = Float32Array.of(1 / (i + 1), i / (i + 1));
        fruit.look({ crops: new Uint8Array(16 * 16 * 3).fill(50 + i), inputSize: 16 }, 0);
        fruit.add({ ...view, crop: Uint8Array.of(i) }, rows, 0, 2);
        fruit.measure({ defects: undefined }, 0, view, undefined);
      }
      return fruit;
    };
    const told = (fruit: FruitInView<string>) => {
      const { grading, grade, views, diameterMm, colour, lastViewAtMs } = fruit;
      const kept = { crops: fruit.cropsSpread(16), views: fruit.keptViews() };
      return {
        grading,
        grade,
        views,
        diameterMm,
        colour,
        lastViewAtMs,
        kept,
        fused: fruit.fuse(),
        measures: fruit.measures(undefined),
      };
    };
    const fruit = addTo(new FruitInView('old'), 3, 21);
    fruit.grade = 'bad';
    const views = fruit.forget()!;
    expect(fruit.forget()).toBeUndefined();
    fruit.begin('new', views);
    expect(told(fruit)).toEqual(told(new FruitInView('new')));
    expect(told(addTo(fruit, 1, 5))).toEqual(told(addTo(new FruitInView('new'), 1, 5)));
  });
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
