import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fuseViews } from './fuse-views.ts';
import { packViews, unpackViews } from './pack-views.ts';

it('views come out of a record as they went in, as far as a grade can tell', () => {
  const row = fc
    .array(fc.double({ min: -80, max: 0, noNaN: true }).map(Math.exp), { minLength: 3, maxLength: 3 })
    .map((raw) => {
      const total = raw.reduce((sum, p) => sum + p, 0);
      return raw.map((p) => p / total);
    });
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), (rows) => {
      const found = unpackViews(packViews(rows)!, 3)!;
      fuseViews(found).forEach((p, k) => {
        expect(p).toBeCloseTo(fuseViews(rows)[k]!, 3);
      });
    }),
  );
});

it('none, too many, and a text that is not of so many labels give nothing', () => {
  expect(packViews([])).toBeUndefined();
  expect(packViews(new Array(80).fill([0.5, 0.3, 0.2]))).toBeUndefined();
  expect(packViews(new Array(79).fill([0.5, 0.3, 0.2]))!.length).toBeLessThanOrEqual(640);
  expect(unpackViews(packViews(new Array(2).fill([0.5, 0.3, 0.2]))!, 4)).toBeUndefined();
  expect(unpackViews('', 3)).toBeUndefined();
});

it('reads what agents from before wrote', () => {
  const codes = [0.5, 0.3, 0.2, 1e-9, 0.4, 0.6].map((p) =>
    Math.min(65_535, Math.round(-Math.log(p) * 4_000)),
  );
  const bytes = Buffer.alloc(12);
  codes.forEach((code, at) => {
    bytes.writeUInt16BE(code, 2 * at);
  });
  const [first, second] = unpackViews(bytes.toString('base64'), 3)!;
  [0.5, 0.3, 0.2].forEach((p, k) => {
    expect(first![k]).toBeCloseTo(p, 3);
  });
  expect(second![0]).toBeCloseTo(Math.exp(-16.38), 9);
});

it('a single label has nothing to fuse', () => {
  expect(packViews([[1], [1]])).toBeUndefined();
  expect(unpackViews('AAAAAA==', 1)).toBeUndefined();
});
