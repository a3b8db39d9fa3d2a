import { expect, it } from 'vitest';
import { counted, withArticle } from './counted.ts';

it('says one thing in the singular, and none or several in the plural', () => {
  expect([0, 1, 2].map((count) => counted(count, 'group'))).toEqual(['0 groups', '1 group', '2 groups']);
  expect([1, 2].map((count) => counted(count, 'pass', 'passes'))).toEqual(['1 pass', '2 passes']);
});

it('puts an before a vowel that is heard', () => {
  expect(['image', 'fruit', 'object', 'array', 'unit', 'number'].map(withArticle)).toEqual([
    'an image',
    'a fruit',
    'an object',
    'an array',
    'a unit',
    'a number',
  ]);
});
