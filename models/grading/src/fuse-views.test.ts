import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FusableView, fuseViews, turnWeights } from './fuse-views.ts';

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

  it('is that too where a blemish is in full view, as far as a float32 can tell', () => {
    // As a trained network says it: seven views see nothing much, one has the rot right before it.
    const logits = [...new Array<number[]>(7).fill([2, 0, -2]), [-60, 0, 5]];
    const probabilities = logits.map((row) => {
      const top = Math.max(...row);
      const shares = row.map((z) => Math.fround(Math.exp(z - top)));
      const total = shares.reduce((sum, share) => sum + share, 0);
      return shares.map((share) => Math.fround(share / total));
    });
    const fused = fuseViews(
      every(27, 8, (i) => probabilities[i]!),
      75,
    );
    const means = [0, 1, 2].map((k) => logits.reduce((sum, row) => sum + row[k]!, 0) / 8);
    for (const k of [0, 1]) expect(Math.log(fused[k]! / fused[2]!)).toBeCloseTo(means[k]! - means[2]!, 4);
  });

  it('stays finite where a probability underflowed', () => {
    const fused = fuseViews(
      every(10, 5, (i) => (i === 0 ? [0, 1] : [0.999, 0.001])),
      75,
    );
    expect(fused[0]).toBeGreaterThan(0);
    expect(fused[0]! + fused[1]!).toBeCloseTo(1, 9);
  });

  it('counts no side twice: a blemish that shows at both ends of the track weighs once', () => {
    // One turn takes 10 views, 15 were seen; the blemish shows in the first 5 views of every turn.
    const stepMm = (Math.PI * 70) / 10;
    const blemished = every(stepMm, 15, (i) => sureOf(i % 10 < 5 ? 2 : 0));
    const oneTurn = fuseViews(blemished.slice(0, 10), 70);
    fuseViews(blemished, 70).forEach((p, k) => {
      expect(p).toBeCloseTo(oneTurn[k]!, 9);
    });
    expect(oneTurn[0]).toBeCloseTo(oneTurn[2]!, 9);
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

describe('turnWeights', () => {
  const turnMm = Math.PI * 75;

  it('are equal for less than a turn and for whole turns', () => {
    expect(turnWeights(every(turnMm / 8, 7), 75)).toEqual(new Array(7).fill(1));
    expect(turnWeights(every(turnMm / 8, 16), 75)).toEqual(new Array(16).fill(1 / 2));
    expect(turnWeights(every(turnMm / 8, 24), 75)).toEqual(new Array(24).fill(1 / 3));
  });

  it('halve what was seen twice in one and a half turns', () => {
    const weights = turnWeights(every(turnMm / 8, 12), 75);
    expect(weights).toEqual([0.5, 0.5, 0.5, 0.5, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5]);
  });

  it('are equal on a standing belt and for a fruit without a size', () => {
    expect(turnWeights(every(0, 20), 75)).toEqual(new Array(20).fill(1));
    expect(turnWeights(every(27, 20), 0)).toEqual(new Array(20).fill(1));
  });

  it('give every side of the fruit the same sum, however often it came by', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 4, max: 40 }),
        fc.double({ min: 1, max: 4, noNaN: true }),
        fc.double({ min: 50, max: 100, noNaN: true }),
        (perTurn, turns, diameterMm) => {
          const seen = Math.ceil(perTurn * turns);
          const weights = turnWeights(every((Math.PI * diameterMm) / perTurn, seen), diameterMm);
          const bySide = new Array<number>(perTurn).fill(0);
          weights.forEach((weight, i) => {
            bySide[i % perTurn]! += weight;
          });
          for (const sum of bySide) expect(sum).toBeCloseTo(1, 6);
        },
      ),
    );
  });
});
