import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuseViews } from './fuse-views.ts';

describe('fuseViews', () => {
  it('gives nothing for no views and the view itself for one', () => {
    expect(fuseViews([])).toEqual([]);
    const fused = fuseViews([[0.5, 0.3, 0.2]]);
    [0.5, 0.3, 0.2].forEach((p, k) => {
      expect(fused[k]).toBeCloseTo(p, 12);
    });
  });

  it('is the softmax of the mean logits', () => {
    const logits = [
      [2, 0.5, -1],
      [-1, 0, 3],
    ];
    const softmax = (row: readonly number[]) => {
      const total = row.reduce((sum, z) => sum + Math.exp(z), 0);
      return row.map((z) => Math.exp(z) / total);
    };
    const fused = fuseViews(logits.map(softmax));
    softmax([0.5, 0.25, 1]).forEach((p, k) => {
      expect(fused[k]).toBeCloseTo(p, 12);
    });
  });

  it('is that too where a blemish is in full view, as far as a float32 can tell', () => {
    // As a trained network says it: seven views see nothing much, one has the rot right before it.
    const logits = [...new Array<number[]>(7).fill([2, 0, -2]), [-60, 0, 5]];
    const probabilities = logits.map((row) => {
      const top = Math.max(...row);
      const shares = row.map((z) => Math.fround(Math.exp(z - top)));
      const total = shares.reduce((sum, share) => sum + share, 0);
      return shares.map((share) => Math.fround(share / total));
    });
    const fused = fuseViews(probabilities);
    const means = [0, 1, 2].map((k) => logits.reduce((sum, row) => sum + row[k]!, 0) / 8);
    for (const k of [0, 1]) expect(Math.log(fused[k]! / fused[2]!)).toBeCloseTo(means[k]! - means[2]!, 4);
  });

  it('stays finite where a probability underflowed', () => {
    const fused = fuseViews([[0, 1], ...new Array<number[]>(4).fill([0.999, 0.001])]);
    expect(fused[0]).toBeGreaterThan(0);
    expect(fused[0]! + fused[1]!).toBeCloseTo(1, 9);
  });

  it('keeps probabilities: sum 1, each in [0, 1], the order of labels', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const view = fc.array(share, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(view, { minLength: 1, maxLength: 40 }), (rows) => {
        const fused = fuseViews(rows);
        const swapped = fuseViews(rows.map((row) => row.toReversed()));
        expect(fused.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
        fused.forEach((p, k) => {
          expect(p).toBeGreaterThanOrEqual(0);
          expect(p).toBeLessThanOrEqual(1);
          expect(swapped[3 - k]).toBeCloseTo(p, 9);
        });
      }),
    );
  });
});
