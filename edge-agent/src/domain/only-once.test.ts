import { expect, it } from 'vitest';
import { onlyOnce } from './only-once.ts';

it('is done once, whether it is asked for again meanwhile or later', async () => {
  let count = 0;
  const end = onlyOnce(async () => ++count);
  expect(await Promise.all([end(), end()])).toEqual([1, 1]);
  expect(await end()).toBe(1);
});

it('fails once, and everybody who asked hears of it', async () => {
  let count = 0;
  const end = onlyOnce(async () => {
    throw new Error(`failure ${++count}`);
  });
  await expect(end()).rejects.toThrow('failure 1');
  await expect(end()).rejects.toThrow('failure 1');
});
