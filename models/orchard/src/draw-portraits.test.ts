import { expect, test } from 'vitest';
import { drawPortrait } from './draw-portraits.ts';
import { trueGrades } from './truth.ts';

const options = { seed: 3, size: 96, cells: 12, grades: trueGrades };
const drawn = Array.from({ length: 24 }, (_, index) => drawPortrait(options, index));

test('draws the same portrait again, and another for another seed', () => {
  expect(drawPortrait(options, 5)).toEqual(drawn[5]);
  expect(drawPortrait({ ...options, seed: 4 }, 5).crop).not.toEqual(drawn[5]!.crop);
});

test('shows as much defect as its grade allows, and the map says where', () => {
  drawn.forEach(({ grade, defectShare, defects }, index) => {
    expect(grade).toBe(trueGrades[index % 3]);
    if (grade === 'good') expect(defectShare).toBeLessThanOrEqual(0.02);
    if (grade === 'ok') expect(defectShare).toBeLessThanOrEqual(0.1);
    if (grade === 'bad') {
      expect(defectShare).toBeGreaterThanOrEqual(0.1);
      expect(Math.max(...defects)).toBeGreaterThan(100);
    }
  });
});

test('is a standard crop: black outside, nowhere black inside', () => {
  for (const { crop } of drawn) {
    const corner = [0, 95, 95 * 96, 96 * 96 - 1];
    for (const at of corner) expect([...crop.subarray(3 * at, 3 * at + 3)]).toEqual([0, 0, 0]);
    const middle = 48 * 96 + 48;
    expect(Math.min(...crop.subarray(3 * middle, 3 * middle + 3))).toBeGreaterThan(0);
  }
});
