import { describe, expect, it } from 'vitest';
import { defectKinds, gradeOfShares, truthOf } from './truth.ts';

const sound = Object.fromEntries(defectKinds.map((kind) => [kind, 0])) as Record<
  (typeof defectKinds)[number],
  number
>;

describe('the truth about a fruit', () => {
  it.each([
    [0, 0, 'good'],
    [0.0199, 0, 'good'],
    [0.02, 0, 'ok'],
    [0.1, 0, 'ok'],
    [0.1001, 0, 'bad'],
    [0.01, 0.01, 'good'],
    [0.0101, 0.0101, 'bad'],
  ])('defects on %s of the surface, %s of it rot: %s', (defect, rot, grade) => {
    expect(gradeOfShares(defect, rot)).toBe(grade);
  });

  it('adds up all kinds of defects', () => {
    const truth = truthOf({ ...sound, scab: 0.04, bruise: 0.07 });
    expect(truth.defectShare).toBeCloseTo(0.11);
    expect(truth.grade).toBe('bad');
  });

  it.each([
    [{ scab: 0.0149 }, true],
    [{ scab: 0.0151 }, false],
    [{ scab: 0.0249 }, false],
    [{ scab: 0.0251 }, true],
    [{ scab: 0.08 }, false],
    [{ rot: 0.009 }, false],
    [{ rot: 0.05 }, true],
  ])('%j is clear of the limits: %s', (shares, clear) => {
    expect(truthOf({ ...sound, ...shares }).clear).toBe(clear);
  });
});
