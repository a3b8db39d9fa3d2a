import { expect, it } from 'vitest';
import { AppError, isAppError } from './errors.ts';

it('knows an error of the other copy of this module that a bundled program may have', async () => {
  const again = `./errors.ts?${'again'}`;
  const other = ((await import(again)) as { AppError: typeof AppError }).AppError;
  expect(other).not.toBe(AppError);
  const error = new other('grade-unknown', 'there is no such grade', { hint: 'Choose another.' });
  expect(isAppError(error)).toBe(true);
  expect(isAppError(error, 'grade-unknown')).toBe(true);
  expect(isAppError(error, 'grade-known')).toBe(false);
});

it('takes no other error for one, whatever code it has', () => {
  expect(isAppError(Object.assign(new Error('no'), { code: 'grade-unknown' }))).toBe(false);
  expect(isAppError({ name: 'AppError', code: 'grade-unknown' })).toBe(false);
  expect(isAppError(undefined)).toBe(false);
});
