import { expect, it } from 'vitest';
import { labelNames } from './label-names.ts';

it('takes grades with spaces, commas and capitals', () => {
  expect(labelNames(['Good', 'ok, bad'])).toEqual(['good', 'ok', 'bad']);
});

it.each([
  [['good', 'bad', 'Good'], 'the grade good is asked for twice'],
  [['schön', 'bad'], '"schön" cannot be the name of a grade'],
  [[' , '], '0 grades are asked for, not 1 to 16'],
  [Array.from({ length: 17 }, (_, at) => `g${at}`), '17 grades are asked for'],
])('refuses %j', (given, message) => {
  expect(() => labelNames(given)).toThrow(message);
});
