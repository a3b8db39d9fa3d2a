import { describe, expect, it } from 'vitest';
import type { YuvColours } from './camera-source.ts';
import { YuvToRgb } from './yuv-to-rgb.ts';

const limited601: YuvColours = { matrix: 'bt601', range: 'limited' };
const limited709: YuvColours = { matrix: 'bt709', range: 'limited' };
const full601: YuvColours = { matrix: 'bt601', range: 'full' };

/** What a picture of one colour becomes. */
function convert(colours: YuvColours, [y, cb, cr]: readonly [number, number, number]): number[] {
  const yuv = Uint8Array.from([y, y, y, y, cb, cr]);
  const rgb = new Uint8Array(12);
  const pixels = { format: 'yuv420', rowBytes: 2, rows: 2, colours, askedWidthPx: 2 } as const;
  new YuvToRgb(pixels, colours).convert(yuv, rgb, 2, 2);
  expect(rgb.slice(3)).toEqual(Uint8Array.from([...rgb.slice(0, 3), ...rgb.slice(0, 3), ...rgb.slice(0, 3)]));
  return [...rgb.slice(0, 3)];
}

describe('YuvToRgb', () => {
  // The bars that BT.601, BT.709 and JFIF give for colours of 0 and 255, rounded to bytes.
  it.each<[string, YuvColours, [number, number, number], [number, number, number]]>([
    ['black', limited601, [16, 128, 128], [0, 0, 0]],
    ['white', limited601, [235, 128, 128], [255, 255, 255]],
    ['red', limited601, [81, 90, 240], [255, 0, 0]],
    ['green', limited601, [145, 54, 34], [0, 255, 0]],
    ['blue', limited601, [41, 240, 110], [0, 0, 255]],
    ['black', limited709, [16, 128, 128], [0, 0, 0]],
    ['red', limited709, [63, 102, 240], [255, 0, 0]],
    ['green', limited709, [173, 42, 26], [0, 255, 0]],
    ['blue', limited709, [32, 240, 118], [0, 0, 255]],
    ['black', full601, [0, 128, 128], [0, 0, 0]],
    ['white', full601, [255, 128, 128], [255, 255, 255]],
    ['red', full601, [76, 85, 255], [255, 0, 0]],
    ['green', full601, [150, 44, 21], [0, 255, 0]],
    ['blue', full601, [29, 255, 107], [0, 0, 255]],
    ['an apple’s red', full601, [78, 107, 213], [197, 25, 41]],
  ])('%s of %o', (_, colours, yuv, rgb) => {
    convert(colours, yuv).forEach((value, i) => {
      expect(Math.abs(value - rgb[i]!)).toBeLessThanOrEqual(2);
    });
  });

  it('clamps what no screen can show', () => {
    expect(convert(full601, [255, 128, 255])).toEqual([255, 164, 255]);
    expect(convert(limited601, [0, 128, 128])).toEqual([0, 0, 0]);
  });

  it('reads rows that are padded, and leaves out an odd last column and row', () => {
    const [width, height, rowBytes, rows] = [5, 3, 16, 4];
    const yuv = new Uint8Array((rowBytes * rows * 3) / 2).fill(255);
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) yuv[y * rowBytes + x] = 10 * y + x;
    for (let y = 0; y < 2; y++) {
      for (let x = 0; x < 3; x++) {
        yuv[rowBytes * rows + y * 8 + x] = 128;
        yuv[rowBytes * rows + 8 * 2 + y * 8 + x] = 128;
      }
    }
    const rgb = new Uint8Array(width * height * 3);
    const pixels = { format: 'yuv420', rowBytes, rows, colours: full601, askedWidthPx: 6 } as const;
    new YuvToRgb(pixels, full601).convert(yuv, rgb, width, height);
    const expected = [0, 1, 2].flatMap((y) =>
      [0, 1, 2, 3, 4].flatMap((x) => Array<number>(3).fill(10 * y + x)),
    );
    expect([...rgb]).toEqual(expected);
  });
});
