import { expect, it } from 'vitest';
import { shrinkPicture } from './shrink-picture.ts';
import { viewStrip } from './view-strip.ts';

it('means the pixels of each square, and cuts off what is left over', () => {
  const rgb = Uint8Array.from({ length: 5 * 3 * 3 }, (_, i) => (i % 3 === 0 ? Math.floor(i / 3) % 5 : i % 3));
  // Red is the column: 0 to 4.
  expect(shrinkPicture(rgb, 5, 3, 2)).toEqual({
    width: 2,
    height: 1,
    pixels: Uint8Array.of(0, 1, 2, 2, 1, 2),
  });
  expect(shrinkPicture(rgb, 5, 3, 1).pixels).toEqual(rgb);
});

it('lays views side by side, four to a row', () => {
  const views = Array.from({ length: 5 }, (_, i) => new Uint8Array(3).fill(i + 1));
  const strip = viewStrip(views, 1);
  expect([strip.width, strip.height]).toEqual([4, 2]);
  expect([...strip.pixels].filter((_, i) => i % 3 === 0)).toEqual([1, 2, 3, 4, 5, 0, 0, 0]);
  expect(viewStrip(views.slice(0, 1), 1)).toMatchObject({ width: 1, height: 1 });
});
