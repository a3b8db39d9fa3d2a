import { describe, expect, it } from 'vitest';
import { addScores, scoreLine } from './score-line.ts';

const labels = ['good', 'ok', 'bad'];
const truth = (positionMm: number, grade: string, clear = true, lane = 0) => ({
  lane,
  positionMm,
  grade,
  clear,
});
const graded = (positionMm: number, grade: string, lane = 0) => ({ lane, positionMm, grade });

describe('scoreLine', () => {
  it('pairs by lane and position, and counts right, wrong and bad graded good', () => {
    const score = scoreLine(
      [truth(100, 'good'), truth(220, 'bad'), truth(100, 'ok', false, 1)],
      [graded(104, 'good'), graded(215, 'good'), graded(99, 'ok', 1)],
      labels,
    );
    expect(score).toMatchObject({ fruits: 3, missed: 0, phantom: 0, correct: 2, clear: 2, clearCorrect: 1 });
    expect(score).toMatchObject({ bad: 1, badAsGood: 1 });
    expect(score.confusion.bad).toEqual({ good: 1, ok: 0, bad: 0 });
  });

  it('counts a fruit that was never graded as missed, and a grade without a fruit as phantom', () => {
    const score = scoreLine([truth(100, 'good')], [graded(200, 'good')], labels);
    expect(score).toMatchObject({ missed: 1, phantom: 1, correct: 0 });
  });

  it('counts a stretch of belt, and a pair across its end as a pair', () => {
    const score = scoreLine(
      [truth(95, 'good'), truth(105, 'good'), truth(300, 'bad')],
      [graded(99, 'good'), graded(101, 'good'), graded(302, 'bad')],
      labels,
      { fromMm: 100, toMm: 200 },
    );
    expect(score).toMatchObject({ fruits: 1, correct: 1, missed: 0, phantom: 0, bad: 0 });
  });

  it('gives one grade to one fruit only', () => {
    const score = scoreLine([truth(100, 'good'), truth(110, 'good')], [graded(105, 'good')], labels);
    expect(score).toMatchObject({ missed: 1, phantom: 0, correct: 1 });
  });
});

describe('addScores', () => {
  it('sums two lines', () => {
    const one = scoreLine([truth(100, 'bad')], [graded(100, 'bad')], labels);
    const sum = addScores([one, one], labels);
    expect(sum).toMatchObject({ fruits: 2, correct: 2, bad: 2, badAsGood: 0 });
    expect(sum.confusion.bad?.bad).toBe(2);
  });
});
