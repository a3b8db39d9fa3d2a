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
      return i % 2 === 0 ? [p, 1 - p] : [1 - p, p];
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

  it('listens most to the worst view where a spot is seen from few sides', () => {
    const random = seededRandom(2, 'spots');
    const known = Array.from({ length: 120 }, (_, i): KnownFruit => {
      const spotFrom = i % 2 === 0 ? Number.POSITIVE_INFINITY : 6;
      const views = Array.from({ length: 8 }, (_, view) => {
        const bad = ((view + 3 * i) % 8 >= spotFrom ? 0.6 : 0.2) + 0.3 * random.next();
        return [1 - bad, bad];
      });
      return { label: i % 2, views };
    });
    const fusion = fitFusion(known)!;
    expect(fusion.byBadness).toHaveLength(8);
    expect(fusion.byBadness![0]).toBe(1);
    expect(fusion.byBadness![3]).toBeLessThan(1);
    expect(fusionLoss(fusion, known)).toBeLessThan(0.8 * fusionLoss(undefined, known));
  });

  it('moves the limits where the views are wrong about all fruit alike', () => {
    const random = seededRandom(3, 'limits');
    const known = Array.from({ length: 400 }, (): KnownFruit => {
      const logit = 2 * random.next() - 1;
      const said = 1 / (1 + Math.exp(-logit));
      const views = new Array<number[]>(4).fill([1 - said, said]);
      return { label: random.next() < 1 / (1 + Math.exp(1.5 - 4 * logit)) ? 1 : 0, views };
    });
    const { scale, shift } = fitFusion(known)!;
    expect(scale).toBeGreaterThan(3);
    expect(scale).toBeLessThan(5);
    expect(shift![1]).toBeCloseTo(-1.5, 0);
  });

  it('finds the limits of areas by which grades were given, where views know less', () => {
    const random = seededRandom(4, 'areas');
    const known = Array.from({ length: 600 }, (): KnownFruit => {
      const defectShare = 0.002 * 150 ** random.next();
      const rotShare = random.next() < 0.2 ? defectShare * random.next() : 0;
      const label = rotShare > 0.01 || defectShare > 0.1 ? 2 : defectShare > 0.02 ? 1 : 0;
      // What a network measures is a tenth off, and its views see only half of what there is.
      const measured = (share: number) => share * Math.exp(0.2 * (random.next() - 0.5));
      const said = [0, 1, 2].map((each) => (each === label ? 0.3 : 0.2) + 0.2 * random.next());
      const total = said.reduce((sum, p) => sum + p, 0);
      const views = new Array<number[]>(4).fill(said.map((p) => p / total));
      return { label, views, areas: { defectShare: measured(defectShare), rotShare: measured(rotShare) } };
    });
    const fusion = fitFusion(known)!;
    const [good, ok] = fusion.areas!.defect;
    expect(good!.at).toBeGreaterThan(0.016);
    expect(good!.at).toBeLessThan(0.024);
    expect(ok!.at).toBeGreaterThan(0.08);
    expect(ok!.at).toBeLessThan(0.12);
    expect(fusion.areas!.rot!.at).toBeGreaterThan(0.007);
    expect(fusion.areas!.rot!.at).toBeLessThan(0.014);
    const unmeasured = known.map(({ label, views }) => ({ label, views }));
    expect(fusionLoss(fusion, known)).toBeLessThan(0.5 * fusionLoss(fitFusion(unmeasured), unmeasured));
  });

  it('takes no limits of areas that say nothing', () => {
    const random = seededRandom(5, 'noise');
    const known = fruits(200, () => 0.8).map((fruit, i) => ({
      ...fruit,
      label: i % 10 < 2 ? 1 - fruit.label : fruit.label,
      areas: { defectShare: 0.1 * random.next(), rotShare: 0 },
    }));
    expect(fitFusion(known)?.areas).toBeUndefined();
  });

  it('lets views count alike where no weights help', () => {
    // As sure as they are right.
    const honest = fruits(80, () => 0.8).map((fruit, i) => ({
      ...fruit,
      label: i % 10 < 2 ? 1 - fruit.label : fruit.label,
    }));
    expect(fitFusion(honest)).toBeUndefined();
    expect(
      fitFusion(fruits(1, () => 0.8).map((fruit) => ({ ...fruit, views: fruit.views.slice(0, 1) }))),
    ).toBe(undefined);
  });
});
