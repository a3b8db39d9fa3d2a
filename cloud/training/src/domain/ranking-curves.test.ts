import { seededRandom } from '@pomona/wire';
import { expect, it } from 'vitest';
import { rankingOf } from './ranking.ts';
import { rankingCurvesOf } from './ranking-curves.ts';

it('goes through what a person counts', () => {
  const { roc, pr } = rankingCurvesOf([0.9, 0.8, 0.8, 0.1], [true, false, true, false])!;
  expect(roc).toEqual([
    [0, 0],
    [0, 0.5],
    [0.5, 1],
    [1, 1],
  ]);
  expect(pr).toEqual([
    [0.5, 1],
    [1, 0.6667],
    [1, 0.5],
  ]);
  expect(rankingCurvesOf([0.9, 0.8], [true, true])).toBeUndefined();
});

it('keeps the area with few points, whatever the number of cases', () => {
  for (const seed of [1, 2, 3]) {
    const random = seededRandom(seed, 'curves');
    const isOfClass = Array.from({ length: 5_000 }, () => random.next() < 0.2);
    const scores = isOfClass.map((is) => random.next() + (is ? 0.4 : 0));
    const { roc, pr } = rankingCurvesOf(scores, isOfClass)!;
    expect(roc.length).toBeGreaterThan(20);
    expect(Math.max(roc.length, pr.length)).toBeLessThanOrEqual(51);
    const area = roc.slice(1).reduce((sum, [x, y], i) => sum + (x - roc[i]![0]) * ((y + roc[i]![1]) / 2), 0);
    expect(area).toBeCloseTo(rankingOf(scores, isOfClass)!.auc, 2);
    expect([roc.at(-1), pr.at(-1)![0]]).toEqual([[1, 1], 1]);
  }
});
