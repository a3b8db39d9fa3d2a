import { expect, it } from 'vitest';
import { dryRunGrades } from './dry-run-grades.ts';

it('has a place for every grade that fruit had or would get, the best first', () => {
  const row = (before: string, after: string) => ({ before, after, fruits: 1 });
  const standard = { grades: ['extra', 'class-1', 'out'], labels: ['good', 'bad'] };
  const moves = [row('older', 'out'), row('bad', 'class-1'), row('out', 'extra'), row('good', 'extra')];
  expect(dryRunGrades({ ...standard, confusion: moves })).toEqual({
    before: ['out', 'good', 'bad', 'older'],
    after: ['extra', 'class-1', 'out'],
  });
  // Of a version of the model that had one label more.
  const labels = ['good', 'bad'];
  const earlier = [row('ok', 'ok'), row('bad', 'bad'), row('good', 'good')];
  expect(dryRunGrades({ grades: labels, labels, confusion: earlier }).after).toEqual(['good', 'bad', 'ok']);
});
