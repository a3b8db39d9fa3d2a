import { expect, it } from 'vitest';
import { whatThereIs } from './what-there-is.ts';

it('names each thing once in the order in which people count, at most eight of them, or says that there is none', () => {
  expect(whatThereIs(['line-10', 'line-2', 'line-2'])).toBe('There is line-2, line-10. Name one of those.');
  expect(whatThereIs(['left'], 'station ')).toBe('There is station left. Name one of those.');
  expect(whatThereIs([])).toBe('There is none yet.');
  expect(whatThereIs([], 'station ')).toBe('There is no station yet.');
  expect(whatThereIs('abcdefghij')).toBe('There is a, b, c, d, e, f, g, h and 2 more. Name one of those.');
});
