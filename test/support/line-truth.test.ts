import { expect, it } from 'vitest';
import { trueGradeIn } from './line-truth.ts';

const truth = {
  boot: 'second',
  fruits: [
    { lane: 0, positionMm: 100, grade: 'bad' },
    { lane: 1, positionMm: 240, grade: 'ok' },
  ],
};
const fruit = (change: object) => ({ boot: 'second', lane: 0, positionMm: 104, ...change });

it('knows the fruit of a place on its lane', () => {
  expect(trueGradeIn(truth, fruit({}))).toBe('bad');
  expect(trueGradeIn(truth, fruit({ lane: 1, positionMm: 231 }))).toBe('ok');
});

it('knows nothing of what was not there, nor of what has no place yet', () => {
  for (const change of [{ positionMm: 231 }, { lane: 1 }, { positionMm: 130 }, { positionMm: null }])
    expect(trueGradeIn(truth, fruit(change))).toBeUndefined();
});

it('knows nothing of fruit that was in the same place before the agent was started again', () => {
  expect(trueGradeIn(truth, fruit({ boot: 'first' }))).toBeUndefined();
});
