import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fuseViews } from './fuse-views.ts';
import { packViews, unpackViews } from './pack-views.ts';

const travelled = (rows: readonly (readonly number[])[]) =>
  rows.map((probabilities, i) => ({ probabilities, travelMm: i * 27 }));

it('views come out of a record as they went in, as far as a grade can tell', () => {
  const row = fc
    .array(fc.double({ min: 1e-9, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 })
    .map((raw) => {
      const total = raw.reduce((sum, p) => sum + p, 0);
      return raw.map((p) => p / total);
    });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), (rows) => {
      const found = unpackViews(packViews(rows)!, 3)!;
      fuseViews(travelled(found), 75).forEach((p, k) => {
        expect(p).toBeCloseTo(fuseViews(travelled(rows), 75)[k]!, 3);
      });
    }),
  );
});

it('none, too many, and a text that is not of so many labels give nothing', () => {
  expect(packViews([])).toBeUndefined();
  expect(packViews(new Array(81).fill([0.5, 0.3, 0.2]))).toBeUndefined();
  expect(packViews(new Array(80).fill([0.5, 0.3, 0.2]))!.length).toBeLessThanOrEqual(640);
  expect(unpackViews(packViews([[0.5, 0.3, 0.2]])!, 2)).toBeUndefined();
  expect(unpackViews('', 3)).toBeUndefined();
});
