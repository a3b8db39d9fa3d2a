import { expect, it } from 'vitest';
import { shrinkPicture } from './shrink-picture.ts';

it('takes the mean of what each pixel covers, channel by channel', () => {
  // Rows of 4 pixels with two channels: the first rises to the right, the second downwards.
  const picture = Uint8Array.from({ length: 32 }, (_, at) => {
    const pixel = at >> 1;
    return at % 2 === 0 ? (pixel % 4) * 10 : Math.floor(pixel / 4) * 20;
  });
  expect([...shrinkPicture(picture, 4, 2, 2)]).toEqual([5, 10, 25, 10, 5, 50, 25, 50]);
});

it('weighs pixels that it covers in part by that part', () => {
  const row = [0, 90, 30];
  const picture = Uint8Array.from([...row, ...row, ...row]);
  expect([...shrinkPicture(picture, 3, 2, 1)]).toEqual([30, 50, 30, 50]);
});

it('keeps the mean of a picture, and gives back one that has the size', () => {
  const picture = Uint8Array.from({ length: 96 * 96 }, (_, at) => (at * 37) % 251);
  const mean = (bytes: Uint8Array): number => bytes.reduce((sum, value) => sum + value, 0) / bytes.length;
  expect(Math.abs(mean(shrinkPicture(picture, 96, 40, 1)) - mean(picture))).toBeLessThan(0.1);
  expect(shrinkPicture(picture, 96, 96, 1)).toBe(picture);
});
