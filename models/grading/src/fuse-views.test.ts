import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FusableView, fuseViews, wholeTurnViews } from './fuse-views.ts';

const sureOf = (k: number): number[] => [0, 1, 2].map((i) => (i === k ? 0.9 : 0.05));
const every = (stepMm: number, count: number, probabilities: (i: number) => number[] = () => sureOf(0)) =>
  Array.from(
    { length: count },
    (_, i): FusableView => ({ probabilities: probabilities(i), travelMm: i * stepMm }),
  );

describe('fuseViews', () => {
  it('gives nothing for no views and the view itself for one', () => {
    expect(fuseViews([], 75)).toEqual([]);
    const fused = fuseViews(
      every(27, 1, () => [0.5, 0.3, 0.2]),
      75,
    );
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
    const fused = fuseViews(
      every(20, 2, (i) => softmax(logits[i]!)),
      75,
    );
    softmax([0.5, 0.25, 1]).forEach((p, k) => {
      expect(fused[k]).toBeCloseTo(p, 12);
    });
  });

  it('does not let one underflowed view veto a grade', () => {
    const fused = fuseViews(
      every(10, 5, (i) => (i === 0 ? [0, 1] : [0.999, 0.001])),
      75,
    );
    expect(fused[0]).toBeGreaterThan(0.9);
  });

  it('counts no side twice: a blemish that shows at both ends of the track weighs once', () => {
    // 1 turn of a 70 mm fruit is 220 mm; 11 views of 20 mm make it, 16 were seen; the blemish shows in the first 5
    // views of every turn.
    const blemished = every(20, 16, (i) => sureOf(i % 11 < 5 ? 2 : 0));
    const oneTurn = fuseViews(blemished.slice(0, 11), 70);
    expect(fuseViews(blemished, 70)).toEqual(oneTurn);
  });

  it('keeps probabilities: sum 1, each in [0, 1], the order of labels', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const view = fc.array(share, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(view, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 5, max: 90 }),
        (rows, step) => {
          const fused = fuseViews(
            every(step, rows.length, (i) => rows[i]!),
            75,
          );
          const swapped = fuseViews(
            every(step, rows.length, (i) => rows[i]!.toReversed()),
            75,
          );
          expect(fused.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
          fused.forEach((p, k) => {
            expect(p).toBeGreaterThanOrEqual(0);
            expect(p).toBeLessThanOrEqual(1);
            expect(swapped[3 - k]).toBeCloseTo(p, 9);
          });
        },
      ),
    );
  });
});

describe('wholeTurnViews', () => {
  it('takes all views of less than a turn', () => {
    expect(wholeTurnViews(every(27.5, 7), 75)).toBe(7);
  });

  it('takes two turns of two and a half', () => {
    const turnMm = Math.PI * 75;
    expect(wholeTurnViews(every(turnMm / 8, 20), 75)).toBe(16);
  });

  it('takes all views of a standing belt', () => {
    expect(wholeTurnViews(every(0, 20), 75)).toBe(20);
  });

  it('covers whole turns within half a step, for any step and size', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 3, max: 80, noNaN: true }),
        fc.integer({ min: 3, max: 60 }),
        fc.double({ min: 50, max: 100, noNaN: true }),
        (stepMm, seen, diameterMm) => {
          const turnMm = Math.PI * diameterMm;
          const used = wholeTurnViews(every(stepMm, seen), diameterMm);
          if (seen * stepMm < turnMm) {
            expect(used).toBe(seen);
            return;
          }
          const turns = (used * stepMm) / turnMm;
          expect(Math.abs(turns - Math.round(turns)) * turnMm).toBeLessThanOrEqual(stepMm * 0.501);
          expect(seen * stepMm - used * stepMm).toBeLessThan(turnMm + stepMm);
        },
      ),
    );
  });
});
