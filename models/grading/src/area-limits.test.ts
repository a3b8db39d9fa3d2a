import { describe, expect, it } from 'vitest';
import { areaLogs } from './area-limits.ts';

const limits = {
  weight: 1,
  defect: [
    { at: 0.02, steepness: 8 },
    { at: 0.1, steepness: 8 },
  ],
  rot: { at: 0.01, steepness: 8 },
};
const shares = (defectShare: number, rotShare = 0) =>
  areaLogs(limits, { defectShare, rotShare }).map(Math.exp);

describe('what areas say of a label', () => {
  it('is the label whose limits the fruit keeps', () => {
    const likeliest = (said: readonly number[]) => said.indexOf(Math.max(...said));
    expect([0, 0.005, 0.04, 0.3].map((share) => likeliest(shares(share)))).toEqual([0, 0, 1, 2]);
    expect(likeliest(shares(0.005, 0.05))).toBe(2);
  });

  it('is even at a limit, and surer the further from it', () => {
    const [good, ok] = shares(0.0198);
    expect(good).toBeCloseTo(ok!, 2);
    const certainty = [0.02, 0.03, 0.04].map((share) => shares(share)[1]!);
    expect(certainty).toEqual(certainty.toSorted((a, b) => a - b));
  });

  it('shares one certainty out among the labels', () => {
    for (const share of [0, 0.001, 0.02, 0.1, 1])
      for (const rot of [0, 0.01, 0.5])
        expect(shares(share, rot).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 4);
  });

  it('asks for no rot where the recipe says nothing of it', () => {
    const { rot: _, ...rest } = limits;
    expect(areaLogs(rest, { defectShare: 0, rotShare: 0.9 })).toEqual(
      areaLogs(rest, { defectShare: 0, rotShare: 0 }),
    );
  });
});
