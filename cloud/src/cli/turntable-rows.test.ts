import { describe, expect, it } from 'vitest';
import { type RolledFruit, type TurntableFruit, turntableRows } from './turntable-rows.ts';

const labels = ['good', 'ok', 'bad'];
const passed = (at: number, variety: string, grade: string): TurntableFruit => ({
  ...{ lane: at % 2, positionMm: 1_000 + 120 * at, variety, grade, diameterMm: 70 },
});
const rolled = (at: number, grade: string, more: Partial<RolledFruit> = {}): RolledFruit => ({
  ...{ lane: at % 2, positionMm: 1_003 + 120 * at, grade, outcome: 'graded', diameterMm: 71 },
  viewGrades: ['good', 'bad', 'good'],
  ...more,
});
const passes = [
  passed(0, 'hit', 'bad'),
  passed(1, 'red', 'good'),
  passed(2, 'hit', 'bad'),
  passed(3, 'red', 'good'),
];

function rowsOf(fruits: readonly RolledFruit[]) {
  const rows = turntableRows(labels, passes, fruits);
  return Object.fromEntries(rows.map(({ name, value, peerValue }) => [name, [value, peerValue]]));
}

describe('the rows of a turntable’s fruit', () => {
  it('count grades and views of each fruit, by where it lay on the belt', () => {
    const rows = rowsOf([
      rolled(0, 'bad'),
      rolled(1, 'good'),
      rolled(2, 'ok', { diameterMm: 73 }),
      rolled(3, 'ok'),
    ]);
    expect(rows).toMatchObject({
      'hit (not sound) graded good (limit 0)': [0, 2],
      'hit (not sound) graded ok': [1, 2],
      'hit (not sound) graded bad': [1, 2],
      'hit: single views that look good': [4, 6],
      'hit: views of a pass, fewest': [3, 3],
      'hit: diameter, mean error': [2, null],
      'hit: diameter, standard deviation over its passes': [1, null],
      'red (sound) graded good': [1, 2],
      'red (sound) graded bad (limit 0)': [0, 2],
      'passes that nobody graded (limit 0)': [0, null],
      'fruits graded where none passed (limit 0)': [0, null],
    });
  });

  it('say which limit was missed', () => {
    const rows = rowsOf([
      rolled(0, 'good'),
      rolled(1, 'bad', { outcome: 'unseen', viewGrades: [] }),
      rolled(2, 'ok', { positionMm: 2_000 }),
      rolled(3, 'ok'),
      rolled(3, 'ok'),
    ]);
    expect(rows).toMatchObject({
      'hit (not sound) graded good (limit 0, MISSED)': [1, 2],
      'red (sound) graded bad (limit 0, MISSED)': [1, 2],
      'passes that nobody graded (limit 0, MISSED)': [1, null],
      'fruits graded where none passed (limit 0, MISSED)': [2, null],
      'passes not seen well enough (limit 0, MISSED)': [1, null],
    });
  });

  it('say nothing of views where nobody saw any', () => {
    const rows = rowsOf([]);
    expect(rows['passes that nobody graded (limit 0, MISSED)']).toEqual([4, null]);
    expect(
      Object.values(rows)
        .flat()
        .every((value) => value === null || Number.isFinite(value)),
    ).toBe(true);
  });
});
