import { expect, test } from 'vitest';
import { crossFitted } from './cross-fit.ts';
import { calibratedLogits, fittedCalibration } from './score-calibration.ts';

const session = (group: string, label: number, scores: readonly number[]) =>
  scores.map((score) => ({ logits: [0, score], label, group }));

test('calibrates each session on the others', () => {
  const cases = [
    ...session('a', 0, [-2, -1]),
    ...session('b', 0, [1, 2]),
    ...session('c', 1, [2, 3]),
    ...session('d', 1, [4, 6]),
  ];
  const { logits, heldBack } = crossFitted(cases, 2);
  expect(heldBack).toBe('groups');
  const others = fittedCalibration([...cases.slice(2, 4), ...cases.slice(6)], 2);
  expect(logits[0]).toEqual(calibratedLogits([0, -2], others));
  expect(logits[4]).toEqual(calibratedLogits([0, 2], others));
});

test('holds back single images where a grade comes from one session', () => {
  const cases = [...session('a', 0, [-2, -1, 0]), ...session('b', 1, [2, 3, 4]), ...session('c', 1, [5])];
  const { logits, heldBack } = crossFitted(cases, 2);
  expect(heldBack).toBe('images');
  expect(logits.every((row) => row.length === 2 && row.every(Number.isFinite))).toBe(true);
});

test('does so too where a session of both grades would leave none of one', () => {
  const cases = [
    ...session('a', 0, [-2]),
    ...session('a', 1, [2]),
    ...session('b', 0, [-3]),
    ...session('c', 1, [3]),
  ];
  expect(crossFitted(cases, 2).heldBack).toBe('images');
  expect(() => crossFitted(cases.slice(0, 2), 2)).toThrow(RangeError);
});
