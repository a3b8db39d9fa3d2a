import { expect, test } from 'vitest';
import { figuresOf, firstDays, judgeFirstDays, judgePair, sessionPairs, splitPair } from './session-pairs.ts';

const cases = [
  { score: -2, isBad: false, group: 'a' },
  { score: 1, isBad: false, group: 'a' },
  { score: -1, isBad: false, group: 'both' },
  { score: -3, isBad: false, group: 'c' },
  { score: 0, isBad: true, group: 'both' },
  { score: 3, isBad: true, group: 'b' },
  { score: 2, isBad: true, group: 'd' },
];

test('pairs every session of good fruit with every one of bad', () => {
  expect(sessionPairs(cases)).toHaveLength(9);
});

test('calibrates on nothing of a session that is held out, of either grade', () => {
  const { heldOut, known } = splitPair(cases, { good: 'a', bad: 'both' });
  expect(heldOut.map(({ score }) => score)).toEqual([-2, 1, 0]);
  expect(known.map(({ group }) => group)).toEqual(['c', 'b', 'd']);
});

test('reports balanced accuracy and the area under the curve', () => {
  const pair = { good: 'a', bad: 'both' };
  const { heldOut } = splitPair(cases, pair);
  expect(figuresOf(pair, heldOut)).toEqual({ ...pair, images: 3, balancedAccuracy: 0.25, auc: 0.5 });
  // The known sessions put the limit between -3 and 2, where the bad one's 0 is found and the good one's 1 is not.
  expect(judgePair(cases, pair)).toMatchObject({ balancedAccuracy: 0.75, auc: 0.5 });
});

test('judges by each choice of two sessions that were not held out', () => {
  const days = judgeFirstDays(cases, { good: 'a', bad: 'both' });
  // Of c with b, and of c with d.
  expect(days).toHaveLength(2);
  expect(days[0]).toMatchObject({ good: 'a', bad: 'both', images: 3, auc: 0.5 });
  const long = Array.from({ length: 90 }, (_, at) => ({ score: at / 10, isBad: true, group: 'e' }));
  expect(judgeFirstDays([...cases, ...long], { good: 'a', bad: 'both' })).toHaveLength(3);
});

test('a first day is thirty photographs of each grade, from all over a session', () => {
  const session = (group: string, isBad: boolean) =>
    Array.from({ length: 90 }, (_, at) => ({ score: at, isBad, group }));
  const all = [...session('a', false), ...session('b', true), ...session('c', false), ...session('d', true)];
  const days = firstDays(all, { good: 'a', bad: 'b' });
  expect(days).toHaveLength(1);
  expect(days[0]!.map(({ group }) => group)).toEqual([
    ...Array<string>(30).fill('c'),
    ...Array<string>(30).fill('d'),
  ]);
  expect(days[0]![29]!.score).toBe(87);
});

test('a network whose order is the wrong way round is not turned around', () => {
  const wrong = cases.map((each) => ({ ...each, score: -each.score }));
  const judged = judgePair(wrong, { good: 'a', bad: 'b' });
  expect(judged).toMatchObject({ balancedAccuracy: 0.5, auc: 0.5 });
});
