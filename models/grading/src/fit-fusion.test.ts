import { seededRandom } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { fitFusion, fusionLoss, type KnownFruit } from './fit-fusion.ts';

/** Good and bad fruit whose views say so by `said`, the probability of the truth, at each place of the way. */
function fruits(count: number, said: (view: number, uniform: () => number) => number): KnownFruit[] {
  const random = seededRandom(1, 'fruits');
  return Array.from({ length: count }, (_, i) => ({
    label: i % 2,
    views: Array.from({ length: 8 }, (_, view) => {
      const p = said(view, () => random.next());
      return { probabilities: i % 2 === 0 ? [p, 1 - p] : [1 - p, p], travelMm: view * 30 };
    }),
  }));
}

describe('fitFusion', () => {
  it('leaves out the part of the way that misleads', () => {
    const known = fruits(80, (view, uniform) => (view >= 6 ? 0.05 : 0.6 + 0.2 * uniform()));
    const fusion = fitFusion(known)!;
    expect(fusion.byPosition).toEqual([1, expect.any(Number), expect.any(Number), 0]);
    expect(fusionLoss(fusion, known)).toBeLessThan(0.8 * fusionLoss(undefined, known));
  });

  it('listens to the views that are sure where the others guess', () => {
    const known = fruits(80, (_, uniform) => (uniform() < 0.3 ? 0.97 : 0.3 + 0.3 * uniform()));
    expect(fitFusion(known)!.certainty).toBeGreaterThan(0);
  });

  it('lets views count alike where no weights help', () => {
    expect(fitFusion(fruits(80, () => 0.8))).toBeUndefined();
    expect(
      fitFusion(fruits(1, () => 0.8).map((fruit) => ({ ...fruit, views: fruit.views.slice(0, 1) }))),
    ).toBe(undefined);
  });
});
