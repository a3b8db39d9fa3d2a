import { describe, expect, it } from 'vitest';
import { accuracyRows, type GradedFruit, type PassedFruit } from './accuracy-rows.ts';

const labels = ['good', 'ok', 'bad'];

/** One fruit after the other in a lane, 80 mm apart. */
function passing(count: number, change: (i: number) => Partial<PassedFruit> = () => ({})): PassedFruit[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ lane: 0, positionMm: 80 * i, grade: 'good', clear: true, diameterMm: 75, defectShare: 0.01 },
    ...change(i),
  }));
}

/** The record that a fruit should have. */
function recordOf({ lane, positionMm, grade, diameterMm, defectShare }: PassedFruit): GradedFruit {
  const viewsAtMm = [positionMm - 2, positionMm, positionMm + 3];
  return { lane, positionMm, grade, diameterMm, defectShare, viewsAtMm };
}

function figures(passed: PassedFruit[], graded: GradedFruit[]) {
  const rows = accuracyRows(labels, passed, graded);
  const missed = rows.filter(({ name }) => name.includes('MISSED')).map(({ name }) => name.split(' (')[0]);
  const of = (what: string) => rows.find(({ name }) => name.startsWith(what))?.value;
  return { missed, of };
}

describe('accuracyRows', () => {
  it('misses no goal where every fruit has its grade and its measures', () => {
    const passed = passing(10, (i) => ({ lane: i % 2, grade: labels[i % 3]! }));
    const { missed, of } = figures(passed, passed.map(recordOf));
    expect(missed).toEqual([]);
    expect([of('right, of all fruit'), of('identity switches'), of('diameter, 95th')]).toEqual([100, 0, 0]);
  });

  it('counts fruit of another grade, and apart what is clear of a limit and what is bad', () => {
    const passed = passing(10, (i) => ({ grade: i < 2 ? 'bad' : 'good', clear: i > 0 }));
    const { missed, of } = figures(
      passed,
      passed.map((fruit) => ({ ...recordOf(fruit), grade: 'good' })),
    );
    expect(of('right, of all fruit')).toBe(80);
    expect(of('right, of those')).toBeCloseTo((100 * 8) / 9);
    expect(of('bad fruit graded good')).toBe(100);
    expect(missed).toEqual([
      'right, of all fruit',
      'right, of those not within a quarter of a limit',
      'bad fruit graded good',
    ]);
  });

  it('takes a record of the views of the next fruit for one switch, and a fruit without a record for another', () => {
    const passed = passing(10);
    const graded = passed.map(recordOf);
    // The fourth has the views of the fifth, which then has two records and the fourth none.
    graded[3] = { ...graded[3]!, viewsAtMm: graded[4]!.viewsAtMm };
    expect(figures(passed, graded).of('identity switches')).toBe(20);
    expect(figures(passed, graded.toSpliced(3, 1)).of('identity switches')).toBe(10);
    expect(figures(passed, passed.map(recordOf).toSpliced(3, 1)).of('fruits that nobody graded')).toBe(1);
  });

  it('says how many records have a view of another fruit, which is no switch', () => {
    const passed = passing(10);
    const graded = passed.map(recordOf);
    graded[3] = { ...graded[3]!, viewsAtMm: [...graded[3]!.viewsAtMm, graded[4]!.positionMm] };
    const { of } = figures(passed, graded);
    expect([of('identity switches'), of('records with a view of another')]).toEqual([0, 1]);
  });

  it('holds what was measured against the truth', () => {
    const passed = passing(100);
    const graded = passed.map((fruit, i) => ({
      ...recordOf(fruit),
      diameterMm: 75 + (i < 10 ? 3 : -1),
      defectShare: i < 60 ? 0.04 : 0.01,
    }));
    const { missed, of } = figures(passed, graded);
    expect([of('diameter, 95th'), of('diameter, mean error')]).toEqual([3, -0.6]);
    expect(of('defect area')).toBeCloseTo(3);
    expect(missed).toEqual(['diameter, 95th percentile of the error', 'defect area, median of the error']);
  });

  it('leaves out what a network without a map of defects does not measure', () => {
    const passed = passing(3);
    const graded = passed.map((fruit) => {
      const { defectShare: _, ...rest } = recordOf(fruit);
      return rest;
    });
    expect(figures(passed, graded).of('defect area')).toBeUndefined();
  });
});
