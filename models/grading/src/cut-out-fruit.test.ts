import { randomNormal, seededRandom } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { cropFill } from './crop-fruit.ts';
import { castRays } from './cut-out-contour.ts';
import { cutOutFruit } from './cut-out-fruit.ts';
import { standardisePhotograph } from './standardise-photograph.ts';

type Colour = readonly [number, number, number];

interface Scene {
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
  readonly radiusX: number;
  readonly radiusY: number;
  readonly background: Colour;
  readonly skin: Colour;
  /** A darker second colour on the fruit's right third: rot that is nearer to the background than to the skin. */
  readonly rot?: Colour;
  /** A cast shadow beside the fruit. */
  readonly shadow?: boolean;
}

const plain: Scene = {
  width: 240,
  height: 200,
  x: 130,
  y: 95,
  radiusX: 52,
  radiusY: 46,
  background: [190, 185, 170],
  skin: [180, 40, 45],
};

function isFruit(scene: Scene, x: number, y: number): boolean {
  return ((x - scene.x) / scene.radiusX) ** 2 + ((y - scene.y) / scene.radiusY) ** 2 <= 1;
}

function draw(scene: Scene): Uint8Array {
  const random = seededRandom(3, 'scene');
  const rgb = new Uint8Array(scene.width * scene.height * 3);
  for (let y = 0; y < scene.height; y++) {
    for (let x = 0; x < scene.width; x++) {
      let colour = scene.background;
      let light = 1;
      if (isFruit(scene, x, y)) {
        const isRotten = scene.rot && x > scene.x + scene.radiusX / 3;
        colour = isRotten && scene.rot ? scene.rot : scene.skin;
        light = 1.1 - 0.45 * ((x - scene.x) / scene.radiusX) ** 2 - 0.2 * ((y - scene.y) / scene.radiusY);
      } else if (scene.shadow && isFruit(scene, x - 0.9 * scene.radiusX, y - 0.3 * scene.radiusY)) {
        light = 0.55;
      }
      for (let c = 0; c < 3; c++)
        rgb[(y * scene.width + x) * 3 + c] = Math.max(
          0,
          Math.min(255, colour[c]! * light + 6 * randomNormal(random)),
        );
    }
  }
  return rgb;
}

/** Shared area of the outline that was found and the fruit that was drawn, over the area of either. */
function overlap(scene: Scene): { readonly iou: number; readonly score: number } {
  const found = cutOutFruit(draw(scene), scene.width, scene.height);
  if (!found) return { iou: 0, score: 0 };
  const rays = found.outlinePx.length;
  let both = 0;
  let either = 0;
  for (let y = 0; y < scene.height; y++) {
    for (let x = 0; x < scene.width; x++) {
      const [dx, dy] = [x + 0.5 - found.xPx, y + 0.5 - found.yPx];
      const ray = Math.round((Math.atan2(dy, dx) / (2 * Math.PI)) * rays + rays) % rays;
      const isInside = Math.hypot(dx, dy) <= found.outlinePx[ray]!;
      const isTrue = isFruit(scene, x, y);
      if (isInside && isTrue) both++;
      if (isInside || isTrue) either++;
    }
  }
  return { iou: both / either, score: found.score };
}

describe('cutting out a fruit', () => {
  it.each<[string, Partial<Scene>]>([
    ['in the middle of a plain table', {}],
    ['away from the middle', { x: 75, y: 130 }],
    ['small and far', { radiusX: 22, radiusY: 20 }],
    ['near and large', { x: 120, y: 100, radiusX: 95, radiusY: 90 }],
    ['with a side that is rotten', { rot: [80, 55, 40] }],
    ['with a shadow at its side', { shadow: true }],
    ['green on green', { skin: [120, 160, 60], background: [60, 90, 50] }],
    ['bright on dark stone', { skin: [215, 205, 160], background: [40, 40, 60] }],
    [
      'filling a picture with a white wall',
      { width: 150, height: 140, x: 75, y: 70, radiusX: 73, radiusY: 68, background: [254, 254, 254] },
    ],
  ])('finds one %s', (_, change) => {
    const { iou, score } = overlap({ ...plain, ...change });
    expect(iou).toBeGreaterThan(0.87);
    expect(score).toBeGreaterThan(0.25);
  });

  it('trusts nothing that it sees in an empty picture', () => {
    const { score } = overlap({ ...plain, skin: plain.background, radiusX: 1, radiusY: 1 });
    expect(score).toBeLessThan(0.2);
  });

  it.each([1, 2, 7])('does not fail on a picture of %i pixels a side', (side) => {
    const found = cutOutFruit(new Uint8Array(side * side * 3).fill(90), side, side);
    expect(found?.score ?? 0).toBeLessThan(0.2);
  });

  it('finds the same outline every time', () => {
    const rgb = draw(plain);
    expect(cutOutFruit(rgb, 240, 200)).toEqual(cutOutFruit(rgb, 240, 200));
  });
});

describe('the standard crop of a photograph', () => {
  it('has the larger diameter fill its share, the middle in the middle and nothing outside', () => {
    const size = 64;
    const found = standardisePhotograph(draw(plain), plain.width, plain.height, size);
    const crop = found!.crop;
    const lit = (x: number, y: number) => crop[(y * size + x) * 3]! > 0;
    const xs = Array.from({ length: size }, (_, x) => x).filter((x) => lit(x, size / 2));
    const ys = Array.from({ length: size }, (_, y) => y).filter((y) => lit(size / 2, y));
    expect(Math.abs(xs.length - cropFill * size)).toBeLessThanOrEqual(4);
    expect(Math.abs(ys.length - (cropFill * size * plain.radiusY) / plain.radiusX)).toBeLessThanOrEqual(4);
    expect(Math.abs((xs[0]! + xs.at(-1)! + 1) / 2 - size / 2)).toBeLessThanOrEqual(2);
    expect(crop.subarray(0, 3 * 5)).toEqual(new Uint8Array(15));
    const middle = (size / 2) * size * 3 + (size / 2) * 3;
    expect(crop[middle]! - crop[middle + 1]!).toBeGreaterThan(80);
  });
});

describe('rays from a point', () => {
  it('end at the farthest side of a polygon around it, and are 0 where there is none', () => {
    const xs = Float64Array.of(-2, 2, 2, -2);
    const ys = Float64Array.of(-1, -1, 1, 1);
    expect([...castRays(xs, ys, 0, 0, 4)]).toEqual([2, 1, 2, 1]);
    expect([...castRays(xs, ys, 5, 0, 4)]).toEqual([0, 0, 7, 0]);
  });
});
