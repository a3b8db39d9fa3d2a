import { expect, test } from 'vitest';
import { drawPortrait } from './draw-portraits.ts';
import { drawTurnedPortrait } from './draw-turned-portraits.ts';
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

test('draws a fruit from several sides, and grades it by what all of them show', () => {
  const turned = Array.from({ length: 12 }, (_, index) => drawTurnedPortrait(options, 4, index));
  expect(drawTurnedPortrait(options, 4, 5)).toEqual(turned[5]);
  turned.forEach(({ grade, views }, index) => {
    expect(grade).toBe(trueGrades[index % 3]);
    expect(views).toHaveLength(4);
    expect(new Set(views.map(({ crop }) => Buffer.from(crop).toString('base64'))).size).toBe(4);
    const share = views.reduce((sum, { defectShare }) => sum + defectShare, 0) / 4;
    // Outlines differ, and pieces may be missing.
    if (grade === 'good') expect(share).toBeLessThan(0.03);
    if (grade === 'ok') expect(share).toBeGreaterThan(0.01);
    if (grade === 'ok') expect(share).toBeLessThan(0.14);
    if (grade === 'bad') expect(share).toBeGreaterThan(0.07);
  });
  const sides = turned.filter(({ views }) => new Set(views.map(({ grade }) => grade)).size > 1);
  expect(sides.length).toBeGreaterThan(2);
});

test('what lies on one side of a fruit is not on the other as well', () => {
  const bruised = Array.from({ length: 24 }, (_, index) => drawTurnedPortrait(options, 2, 3 * index + 1));
  const oneSided = bruised.filter(({ views: [a, b] }) => {
    const shares = [a!.defectShare, b!.defectShare].sort((x, y) => x - y) as [number, number];
    return shares[1] > 0.04 && shares[0] < shares[1] / 4;
  });
  expect(oneSided.length).toBeGreaterThan(6);
});
