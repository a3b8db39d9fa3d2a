import type { DriftDetail, DriftWindowView } from '@pomona/wire';
import { expect, it } from 'vitest';
import { accuracyColumns, bestShareOf, gradeSharesOf, middleOf, scoreOf } from './drift-columns.ts';

function window(verdict: DriftWindowView['verdict'], psi: number | null): DriftWindowView {
  const judged = verdict !== 'baseline';
  return {
    verdict,
    statistics: [
      { name: 'luma', counts: [], psi, jensenShannon: null, limit: judged ? 0.2 : null, beyond: false },
    ],
    grades: [
      { grade: 'bad', count: 25 },
      { grade: 'good', count: 75 },
    ],
    estimatedAccuracy: 0.95,
    accuracyAtBaselineMix: { value: judged ? 0.8 : null, expected: 0.94, within: 0.04, beyond: judged },
  } as unknown as DriftWindowView;
}
const windows = [window('baseline', null), window('drift', 1.2)];
const bins: DriftDetail['bins'] = [
  { name: 'grades', edges: [], grades: ['bad', 'good'], baseline: [100, 400] },
];

it('draws no score where nothing was judged', () => {
  expect(scoreOf(windows, 'luma')).toEqual({ score: [null, 1.2], limit: [null, 0.2] });
  expect(scoreOf(windows, 'gloss')).toEqual({ score: [null, null], limit: [null, null] });
});

it('holds the shares of grades against those of the baseline, best first', () => {
  expect(gradeSharesOf({ windows, bins })).toEqual([
    { grade: 'good', share: [0.75, 0.75], usual: 0.8 },
    { grade: 'bad', share: [0.25, 0.25], usual: 0.2 },
  ]);
  const learning = [{ ...bins[0]!, baseline: [] }];
  expect(gradeSharesOf({ windows, bins: learning }).map(({ usual }) => usual)).toEqual([null, null]);
  expect(gradeSharesOf({ windows: [], bins })[0]?.share).toEqual([]);
});

it('holds the estimated accuracy against the least it should be, and nothing of the baseline', () => {
  const { estimated, least } = accuracyColumns(windows);
  expect(estimated).toEqual([0.95, 0.8]);
  expect(least).toEqual([null, expect.closeTo(0.9)]);
});

it('finds the middle value inside a bin, and says on which side of the open ones it is', () => {
  expect(middleOf([10, 20], [1, 2, 1], String)).toBe('15');
  expect(middleOf([10, 20], [5, 1, 1], String)).toBe('< 10');
  expect(middleOf([10, 20], [0, 0, 3], String)).toBe('> 20');
  expect(middleOf([10, 20], [0, 0, 0], String)).toBeUndefined();
});

it('tells the share of the best grade', () => {
  expect(bestShareOf(['bad', 'good', 'ok'], [1, 6, 3])).toBe('60 % good');
  expect(bestShareOf(['bad', 'good'], [])).toBeUndefined();
});
