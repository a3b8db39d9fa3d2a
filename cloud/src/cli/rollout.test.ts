import { describe, expect, it } from 'vitest';
import { wavesOption } from './rollout.ts';
import { shadowOf, shadowOption } from './shadow-options.ts';

describe('--waves', () => {
  it.each([
    ['4', { base: 4, factor: 3, max: 500 }],
    ['4,1.5', { base: 4, factor: 1.5, max: 500 }],
    ['10,100,20', { base: 10, factor: 100, max: 20 }],
    ['900', { base: 900, factor: 3, max: 900 }],
  ])('takes %s', (text, waves) => {
    expect(wavesOption(text)).toEqual(waves);
  });

  it.each(['', '0', '4,', '4,0.5', '4,101', '4,2,0', '4,2,3,4', '-1'])('refuses "%s"', (text) => {
    expect(() => wavesOption(text)).toThrow('expected stations');
  });
});

describe('--shadow', () => {
  it.each([
    ['300', { fruitsMin: 300 }],
    ['300,0', { fruitsMin: 300, forS: 0 }],
    ['1000,7200', { fruitsMin: 1_000, forS: 7_200 }],
  ])('takes %s', (text, plan) => {
    expect(shadowOption(text)).toEqual(plan);
  });

  it.each(['', '0', '300,', '300,-1', '0.5', '300,1,2', 'yes'])('refuses "%s"', (text) => {
    expect(() => shadowOption(text)).toThrow('expected fruits');
  });

  it('is nothing where no option names it, and none where one says so', () => {
    expect(shadowOf({})).toBeUndefined();
    expect(shadowOf({ shadow: false })).toBeNull();
    expect(shadowOf({ shadow: true })).toEqual({});
    expect(shadowOf({ shadow: { fruitsMin: 9 }, shadowStations: 2, shadowAgreement: 0.9 })).toEqual({
      ...{ fruitsMin: 9, stations: 2, agreementMin: 0.9 },
    });
  });
});
