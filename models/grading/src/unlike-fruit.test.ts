import { describe, expect, it } from 'vitest';
import { foundOnBelt, type Thing } from './testing/things-on-belt.ts';

const at = { x: 300, y: 80 };
const green = [70, 120, 40] as const;
const red = [200, 40, 40] as const;

function isUnlike(thing: Thing, others: readonly Thing[] = []): boolean {
  const { blobs } = foundOnBelt([thing, ...others]);
  expect(blobs.length).toBe(1);
  expect(blobs[0]!.touchesEdge).toBe(false);
  return blobs[0]!.unlikeFruit;
}

describe('a picture of one thing', () => {
  it('shows no fruit when it is as long as a leaf', () => {
    expect(isUnlike({ ...at, radius: 24, long: 1.7, colour: green })).toBe(true);
    expect(isUnlike({ ...at, radius: 24, long: 1.7, colour: red, shade: 0.3 })).toBe(true);
  });

  it('shows no fruit when it is larger than any of the line', () => {
    expect(isUnlike({ ...at, x: 300, radius: 64, colour: red, shade: 0.3 })).toBe(true);
    expect(isUnlike({ ...at, radius: 53, long: 1.9, colour: [205, 150, 120] })).toBe(true);
  });

  it('shows no fruit when it is smaller than any of the line, as a piece of a leaf is', () => {
    expect(isUnlike({ ...at, radius: 21.5, colour: red, shade: 0.3 })).toBe(true);
  });

  it('shows no fruit when it is larger than any of the line and reaches in over the edge', () => {
    const arm = Array.from({ length: 80 }, (_, i) => ({ x: 300, y: 320 - i, radius: 62, colour: red }));
    const { blobs } = foundOnBelt(arm);
    expect(blobs.some((blob) => !blob.unlikeFruit && !blob.touchesEdge)).toBe(false);
  });

  it('shows no fruit when it is open in the middle, as a cup is', () => {
    for (const colour of [
      [176, 178, 176],
      [52, 88, 148],
    ] as const)
      expect(isUnlike({ ...at, radius: 44, colour, rot: { ...at, radius: 34 } })).toBe(true);
  });

  it('shows no fruit when it is green, not quite round, and lit like a sheet', () => {
    expect(isUnlike({ ...at, radius: 30, long: 1.22, colour: green })).toBe(true);
    expect(isUnlike({ ...at, radius: 34, long: 1.2, colour: green, shade: 0.25 })).toBe(false);
    expect(isUnlike({ ...at, radius: 34, long: 1.2, colour: red })).toBe(false);
  });

  it.each([
    ['round', {}],
    ['small', { radius: 33 }],
    ['large', { radius: 52 }],
    ['green and round', { colour: green }],
    ['a third longer than high', { radius: 34, long: 1.33 }],
    ['rotten in the middle', { rot: { x: 302, y: 82, radius: 17 } }],
    ['rotten at its side, as dark as the belt', { rot: { x: 330, y: 80, radius: 26 } }],
  ])('shows fruit when it is %s', (_, how: Partial<Thing>) => {
    expect(isUnlike({ ...at, radius: 42, colour: red, shade: 0.3, ...how })).toBe(false);
  });

  it('says nothing of what the frame cuts off', () => {
    const { blobs } = foundOnBelt([{ x: 10, y: 80, radius: 60, colour: red }]);
    expect(blobs.map((blob) => [blob.touchesEdge, blob.unlikeFruit])).toEqual([[true, false]]);
  });

  it('tells a leaf that touches a fruit from it', () => {
    const fruit = { x: 300, y: 80, radius: 42, colour: red, shade: 0.3 };
    const leaf = { x: 300 + 42 + 36, y: 80, radius: 21, long: 1.8, colour: green };
    const { blobs } = foundOnBelt([fruit, leaf]);
    expect(blobs.map((blob) => blob.unlikeFruit)).toEqual([false, true]);
    expect(Math.abs(blobs[0]!.semiMajorPx - 42)).toBeLessThan(1.5);
  });
});
