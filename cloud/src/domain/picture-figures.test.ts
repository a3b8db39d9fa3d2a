import { expect, it } from 'vitest';
import { pictureFigures } from './picture-figures.ts';

const size = 48;

/** An ellipse of half axes `across` and `up`, coloured by the place. */
function draw(across: number, up: number, colourAt: (x: number, y: number) => readonly number[]): Uint8Array {
  const crop = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      if (((x - 23.5) / across) ** 2 + ((y - 23.5) / up) ** 2 <= 1)
        crop.set(colourAt(x, y), (y * size + x) * 3);
  return crop;
}

it('tells a disc from an ellipse, in whatever direction it lies', () => {
  const grey = () => [120, 120, 120];
  expect(pictureFigures(draw(20, 20, grey), size).roundness).toBeCloseTo(1, 2);
  for (const [across, up] of [
    [20, 15],
    [15, 20],
  ] as const)
    expect(pictureFigures(draw(across, up, grey), size).roundness).toBeCloseTo(0.75, 1);
});

it('counts what is red, and neither what is green nor what is too grey to say', () => {
  const half = draw(20, 20, (x) => (x < 24 ? [180, 40, 50] : [110, 150, 60]));
  expect(pictureFigures(half, size).redShare).toBeCloseTo(0.5, 2);
  expect(
    pictureFigures(
      draw(20, 20, () => [130, 120, 120]),
      size,
    ).redShare,
  ).toBe(0);
});

it('has contrast where light and dark are beside each other, and a skew to where the tail is', () => {
  const flat = pictureFigures(
    draw(20, 20, () => [100, 100, 100]),
    size,
  );
  expect(flat).toMatchObject({ contrast: 0, lumaSkewness: 0, saturationDeviation: 0, saturationSkewness: 0 });
  const halves = pictureFigures(
    draw(20, 20, (x) => (x < 24 ? [50, 50, 50] : [150, 150, 150])),
    size,
  );
  expect(halves.contrast).toBeCloseTo(50, 6);
  expect(halves.lumaSkewness).toBeCloseTo(0, 6);
  const spots = pictureFigures(
    draw(20, 20, (x) => (x < 8 ? [10, 10, 10] : [150, 150, 150])),
    size,
  );
  expect(spots.lumaSkewness).toBeLessThan(-1);
});

it('says nothing of a picture without fruit, and reads the crop at its offset', () => {
  expect(Object.values(pictureFigures(new Uint8Array(size * size * 3), size))).toEqual([0, 0, 0, 0, 0, 0]);
  const second = draw(20, 15, () => [150, 40, 40]);
  const both = new Uint8Array([...draw(10, 10, () => [9, 99, 9]), ...second]);
  expect(pictureFigures(both, size, second.length)).toEqual(pictureFigures(second, size));
});
