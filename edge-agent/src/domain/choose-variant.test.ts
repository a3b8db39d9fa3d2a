import { expect, it } from 'vitest';
import { chooseVariant } from './choose-variant.ts';

const fp32 = { name: 'fp32', ok: true, msPerView: 0.24, reason: '' };
const int8 = { name: 'int8', ok: true, msPerView: 0.112, reason: '' };

it('takes the fastest of those that are right, and says why', () => {
  expect(chooseVariant([fp32, int8])).toEqual({
    variant: 'int8',
    why: 'int8: 0.11 ms per view, fp32 0.24; both right',
  });
  expect(chooseVariant([fp32, { ...int8, msPerView: 0.5 }])!.variant).toBe('fp32');
  expect(chooseVariant([fp32])!.why).toBe('fp32: 0.24 ms per view');
});

it('never takes a wrong one, however fast', () => {
  const wrong = { ...int8, ok: false, reason: 'the golden views differ by 0.3' };
  expect(chooseVariant([fp32, wrong])).toEqual({
    variant: 'fp32',
    why: 'fp32: 0.24 ms per view; int8 is wrong: the golden views differ by 0.3',
  });
  expect(chooseVariant([wrong])).toBeUndefined();
});
