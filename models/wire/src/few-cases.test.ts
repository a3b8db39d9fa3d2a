import { describe, expect, it } from 'vitest';
import { classBounds, evaluationBounds, fewCases, shareBounds, wilsonInterval } from './few-cases.ts';
import type { Evaluation } from './rest.ts';

const rounded = (bounds: readonly number[] | undefined) =>
  bounds?.map((each) => Math.round(each * 1000) / 1000);

function allRight(cases: number): Evaluation {
  const perClass = ['good', 'bad'].map((label) => ({
    ...{ label, precision: 1, recall: 1, f1: 1, support: cases / 2 },
    ...{ precisionInterval: [1, 1] as [number, number], recallInterval: [1, 1] as [number, number] },
  }));
  return {
    ...{ unit: 'image', images: cases, groups: cases, accuracy: 1, balancedAccuracy: 1, macroF1: 1, ece: 0 },
    ...{ perClass, byGroup: [] },
    confusion: [
      [cases / 2, 0],
      [0, cases / 2],
    ],
    intervals: { accuracy: [1, 1], balancedAccuracy: [1, 1], macroF1: [1, 1] },
  };
}

describe('what a share of few cases says', () => {
  it('gives Wilson’s interval: 4 of 4 is 51 to 100 %, 35 of 50 is 56 to 81 %, none of 10 up to 28 %', () => {
    expect(rounded(wilsonInterval(1, 4))).toEqual([0.51, 1]);
    expect(rounded(wilsonInterval(0.7, 50))).toEqual([0.562, 0.809]);
    expect(rounded(wilsonInterval(0, 10))).toEqual([0, 0.278]);
  });

  it('warns below 30 cases, and names one in the singular', () => {
    expect(fewCases(4, 'image')).toBe('of only 4 images, which says little');
    expect(fewCases(1, 'fruit')).toBe('of only 1 fruit, which says little');
    expect(fewCases(29, 'fruit')).toBeDefined();
    expect(fewCases(30, 'fruit')).toBeUndefined();
    expect(fewCases(0, 'case')).toBeUndefined();
  });

  it('never gives all of four right the bounds 100 to 100 % that drawing them anew finds', () => {
    const few = evaluationBounds(allRight(4));
    expect(rounded(few.accuracy)).toEqual([0.51, 1]);
    expect(few).not.toHaveProperty('macroF1');
    expect(rounded(classBounds(allRight(4), 'bad').recall)).toEqual([0.342, 1]);
    expect(rounded(classBounds(allRight(4), 'bad').precision)).toEqual([0.342, 1]);
  });

  it('keeps the bounds that were drawn where there are enough cases, and gives no share none', () => {
    expect(evaluationBounds(allRight(30))).toEqual(allRight(30).intervals);
    expect(classBounds(allRight(60), 'good').recall).toEqual([1, 1]);
    expect(shareBounds(null, 0, undefined)).toBeUndefined();
  });

  it('keeps bounds that are wider, as of photographs of two sessions', () => {
    expect(shareBounds(0.5, 28, [0.02, 0.98])).toEqual([0.02, 0.98]);
  });

  it('counts fruits where a case is a fruit of several views', () => {
    const fruits = { ...allRight(40), unit: 'fruit' as const, groups: 4 };
    expect(rounded(evaluationBounds(fruits).accuracy)).toEqual([0.51, 1]);
  });
});
