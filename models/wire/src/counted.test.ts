import { expect, it } from 'vitest';
import { counted } from './counted.ts';

it('says one thing in the singular, and none or several in the plural', () => {
  expect([0, 1, 2].map((count) => counted(count, 'group'))).toEqual(['0 groups', '1 group', '2 groups']);
  expect([1, 2].map((count) => counted(count, 'pass', 'passes'))).toEqual(['1 pass', '2 passes']);
});
