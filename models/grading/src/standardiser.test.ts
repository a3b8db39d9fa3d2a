import type { Standardise } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { cropFill, cropFruit } from './crop-fruit.ts';
import { equaliseContrast } from './equalise-contrast.ts';
import { castDegreesOf, estimateLight } from './estimate-light.ts';
import type { Frame } from './frame.ts';
import { type FruitBlob, outlineRays } from './fruit-blob.ts';
import { frameBuffer } from './kernel-memory.ts';
import { findPhotographedFruit } from './standardise-photograph.ts';
import { Standardiser } from './standardiser.ts';

type Rgb = readonly [number, number, number];

const width = 240;
const height = 200;
const size = 64;
const [x, y, radius] = [124, 98, 52];
const both: Standardise = { whiteBalance: 'grey-surroundings', contrast: 'equalised' };
const warm: Rgb = [1.1, 0.99, 0.82];

interface Look {
  readonly skin?: Rgb;
  readonly table?: Rgb;
  readonly light?: Rgb;
}

/** One fruit, shaded, with a spot, on a table with some grain. */
function picture({ skin = [170, 60, 45], table = [120, 121, 119], light = [1, 1, 1] }: Look = {}): Frame {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / 3);
    const [px, py, c] = [pixel % width, Math.floor(pixel / width), i % 3];
    const far = Math.hypot(px + 0.5 - x, py + 0.5 - y) / radius;
    const isSpot = Math.hypot(px - x - 12, py - y - 8) < 9;
    const shade = (isSpot ? 0.4 : 1) * (1 - 0.55 * far * far);
    const grain = ((px * 7 + py * 13) % 11) - 5;
    const value = far < 1 ? skin[c]! * shade : table[c]! + grain;
    data[i] = Math.max(0, Math.min(255, Math.round(value * light[c]!)));
  }
  return { width, height, data, seq: 0, capturedAtMs: 0, encoderMm: 0 };
}

const blob: FruitBlob = {
  ...{ lane: 0, xPx: x, yPx: y, radiusXPx: radius, radiusYPx: radius, areaPx: Math.PI * radius ** 2 },
  ...{ semiMajorPx: radius, semiMinorPx: radius, touchesEdge: false, unlikeFruit: false },
  box: { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius },
  outlinePx: new Float32Array(outlineRays).fill(radius),
};

function cropOf(frame: Frame, standardise?: Standardise, out = new Uint8Array(size * size * 3)): Uint8Array {
  const standardiser = standardise && new Standardiser(standardise);
  standardiser?.look(frame, [blob]);
  cropFruit(frame, blob, size, out, 0, standardiser);
  return out;
}

function apart(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  let count = 0;
  a.forEach((value, i) => {
    if (value === 0 && b[i] === 0) return;
    sum += Math.abs(value - b[i]!);
    count++;
  });
  return sum / count;
}

const isMasked = (crop: Uint8Array, at: number) => crop[at]! + crop[at + 1]! + crop[at + 2]! === 0;

describe('a crop whose colours are standardised', () => {
  it.each([
    ['white balance', { whiteBalance: 'grey-surroundings' }],
    ['contrast', { contrast: 'equalised' }],
    ['both', both],
  ] as const)('is the same to the last bit of a photograph and on the line: %s', (_, setting) => {
    const frame = picture({ light: warm });
    const found = findPhotographedFruit(frame.data, width, height)!;
    const { left, top, width: across, height: down } = found.cropPlace;
    // What the line would have to find to see the fruit where the photograph's outline has it.
    const place = {
      ...{ xPx: (left + across / 2) * width, yPx: (top + down / 2) * height },
      semiMajorPx: (cropFill * across * width) / 2,
    };
    const standardiser = new Standardiser(setting);
    // A line's frame lies in the kernel's memory, its crops one after the other in that of the model.
    const data = frameBuffer(frame.data.length);
    data.set(frame.data);
    standardiser.look({ ...frame, data }, [place]);
    const crops = frameBuffer(3 * size * size * 3);
    const offset = size * size * 3;
    crops.fill(7).set(found.cropTo(size), offset);
    standardiser.apply(crops, size, offset);
    expect(crops.slice(offset, 2 * offset)).toEqual(found.cropTo(size, setting));
    expect(found.cropTo(size, setting)).not.toEqual(found.cropTo(size));
    expect(new Set([...crops.subarray(0, offset), ...crops.subarray(2 * offset)])).toEqual(new Set([7]));
  });

  it('is under warm light what it is under white light', () => {
    const setting = { whiteBalance: 'grey-surroundings' } as const;
    expect(apart(cropOf(picture({ light: warm })), cropOf(picture()))).toBeGreaterThan(5);
    expect(apart(cropOf(picture({ light: warm }), setting), cropOf(picture(), setting))).toBeLessThan(2);
    expect(apart(cropOf(picture(), setting), cropOf(picture()))).toBeLessThan(1.5);
  });

  it('is fruit where it was fruit, and black where it was not', () => {
    for (const skin of [
      [170, 60, 45],
      [3, 2, 1],
      [255, 255, 255],
    ] as const) {
      const frame = picture({ skin, light: warm });
      const [plain, made] = [cropOf(frame), cropOf(frame, both)];
      for (let at = 0; at < plain.length; at += 3) expect(isMasked(made, at)).toBe(isMasked(plain, at));
    }
  });

  it('has its light left where nobody can tell it', () => {
    const setting = { whiteBalance: 'grey-surroundings' } as const;
    const looks: [string, Look][] = [
      // A lawn and a table of wood are no lamps.
      ['grass', { table: [90, 120, 60] }],
      ['wood', { table: [150, 110, 70] }],
      ['a dark room', { table: [6, 6, 6] }],
      ['a wall that is overexposed', { table: [260, 258, 262], light: [1.1, 1, 1] }],
    ];
    for (const [name, look] of looks)
      expect(cropOf(picture(look), setting), name).toEqual(cropOf(picture(look)));
    const frame = picture({ light: warm });
    const filling = new Standardiser(setting);
    filling.look(frame, [{ ...blob, semiMajorPx: 400 }]);
    const crop = cropOf(frame);
    filling.apply(crop, size);
    expect(crop).toEqual(cropOf(frame));
  });

  it('forgets the light of the picture before where it cannot tell that of this one', () => {
    const standardiser = new Standardiser({ whiteBalance: 'grey-surroundings' });
    standardiser.look(picture({ light: warm }), [blob]);
    standardiser.look(picture({ table: [6, 6, 6] }), [blob]);
    const crop = cropOf(picture());
    standardiser.apply(crop, size);
    expect(crop).toEqual(cropOf(picture()));
  });
});

describe('the light of a picture', () => {
  it('is not told by the fruit: a belt full of red fruit does not turn green', () => {
    const light = (skin: Rgb) => estimateLight(picture({ skin }), [blob])!;
    expect(light([220, 30, 20])).toEqual(light([60, 180, 40]));
    expect(castDegreesOf(light([220, 30, 20]))).toBeLessThan(1);
  });

  it('is hardly told by what nobody found, however bright beside a dark belt', () => {
    const frame = picture({ skin: [220, 30, 20], table: [24, 25, 24] });
    expect(castDegreesOf(estimateLight(frame, [])!)).toBeLessThan(3);
  });

  it('is the same wherever the picture lies in memory, and of pictures of any shape', () => {
    const frame = picture({ light: warm });
    const moved = frameBuffer(frame.data.length);
    moved.set(frame.data);
    expect(estimateLight({ ...frame, data: moved }, [blob])).toEqual(estimateLight(frame, [blob]));
    expect(estimateLight({ ...frame, width: 1, height: 1 }, [])).toBeUndefined();
    const outside = { ...blob, xPx: -500, yPx: 900 };
    expect(estimateLight(frame, [outside])).toEqual(estimateLight(frame, []));
  });
});

describe('contrast that is equalised', () => {
  const lumaOf = (crop: Uint8Array, at: number) =>
    (77 * crop[at]! + 150 * crop[at + 1]! + 29 * crop[at + 2]!) / 256;

  it('spreads the luma of a flat picture, in order, by no more than twice and a little', () => {
    const crop = new Uint8Array(size * size * 3);
    // Luma from 60 to 99, a quarter of the crop masked out.
    for (let pixel = size * 16; pixel < size * size; pixel++)
      crop.fill(60 + (pixel % 40), pixel * 3, pixel * 3 + 3);
    const before = crop.slice();
    equaliseContrast(crop, size);
    const became = new Map<number, number>();
    for (let at = 0; at < crop.length; at += 3) became.set(before[at]!, crop[at]!);
    const ordered = [...became].sort(([a], [b]) => a - b);
    expect(became.get(0)).toBe(0);
    for (let i = 2; i < ordered.length; i++) {
      const step = ordered[i]![1] - ordered[i - 1]![1];
      expect(step).toBeGreaterThanOrEqual(1);
      expect(step).toBeLessThanOrEqual(4);
    }
    expect(became.get(99)! - became.get(60)!).toBeGreaterThan(70);
  });

  it('leaves the hue as it is, and a bruise darker than what is around it', () => {
    const [plain, made] = [cropOf(picture()), cropOf(picture(), { contrast: 'equalised' })];
    const at = (px: number, py: number) => (py * size + px) * 3;
    const [spot, beside] = [at(38, 36), at(26, 36)];
    expect(lumaOf(plain, spot)).toBeLessThan(lumaOf(plain, beside));
    expect(lumaOf(made, beside) - lumaOf(made, spot)).toBeGreaterThan(
      lumaOf(plain, beside) - lumaOf(plain, spot),
    );
    const shareOfGreen = (crop: Uint8Array) => crop[beside + 1]! / crop[beside]!;
    expect(Math.abs(shareOfGreen(made) - shareOfGreen(plain))).toBeLessThan(0.02);
  });

  it('does nothing to a crop without fruit', () => {
    const crop = new Uint8Array(size * size * 3);
    equaliseContrast(crop, size);
    expect(crop).toEqual(new Uint8Array(size * size * 3));
  });
});
