import { seededRandom } from '@pomona/wire';
import { expect, it } from 'vitest';
import { alignInOrder } from './align.ts';

function align(a: readonly number[], b: readonly number[], reach: number): number[] {
  const partners = new Int32Array(b.length);
  const reaches = new Float64Array(a.length).fill(reach);
  alignInOrder(Float64Array.from(a), a.length, Float64Array.from(b), b.length, reaches, partners);
  return [...partners];
}

it('pairs each with the nearest when nothing is missing', () => {
  expect(align([10, 110, 210], [12, 108, 215], 30)).toEqual([0, 1, 2]);
});

it('leaves out what has no partner in reach', () => {
  expect(align([10, 110, 210], [60, 112], 30)).toEqual([-1, 1]);
  expect(align([], [60], 30)).toEqual([-1]);
  expect(align([1], [], 30)).toEqual([]);
});

it('gives up a near pair when two pairs are better', () => {
  expect(align([0, 20], [14, 41], 30)).toEqual([0, 1]);
});

it('is as good as the best of all pairings without crossings', () => {
  const random = seededRandom(11, 'align');
  const list = () =>
    Array.from({ length: Math.floor(random.next() * 5) }, () => random.next() * 100).sort((x, y) => x - y);
  for (let round = 0; round < 300; round++) {
    const a = list();
    const b = list();
    const gain = (i: number, j: number) => 20 - Math.abs(a[i]! - b[j]!);
    const best = (i: number, j: number): number =>
      i >= a.length || j >= b.length
        ? 0
        : Math.max(best(i + 1, j), best(i, j + 1), gain(i, j) > 0 ? gain(i, j) + best(i + 1, j + 1) : 0);
    const partners = align(a, b, 20);
    const total = partners.reduce((sum, i, j) => sum + (i < 0 ? 0 : gain(i, j)), 0);
    expect(total).toBeCloseTo(best(0, 0), 9);
    const used = partners.filter((i) => i >= 0);
    expect(used).toEqual([...new Set(used)].sort((x, y) => x - y));
  }
});
