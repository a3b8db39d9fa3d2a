import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Split } from './dataset.ts';
import { type SplitImage, splitByGroup, splitShares } from './dataset-split.ts';

const labels = ['good', 'ok', 'bad'];

/** `[group, grade, images]` rows. */
function imagesOf(...rows: [string, string, number][]): SplitImage[] {
  return rows.flatMap(([group, grade, count]) => Array.from({ length: count }, () => ({ group, grade })));
}

/** Labels by split, counted in images. */
function counts(images: readonly SplitImage[], splitOf: ReadonlyMap<string, Split>) {
  const found: Record<string, number> = {};
  for (const { group, grade } of images) {
    const key = `${grade} ${splitOf.get(group)}`;
    found[key] = (found[key] ?? 0) + 1;
  }
  return found;
}

const fruits = (count: number): SplitImage[] =>
  imagesOf(
    ...Array.from({ length: count }, (_, i): [string, string, number] => [
      `f${i}`,
      labels[i % 7 === 0 ? 1 : (i % 2) * 2]!,
      4,
    ]),
  );

describe('a split by group', () => {
  it('spreads many fruits by the shares, label by label', () => {
    const images = fruits(700);
    const { splitOf, notes } = splitByGroup(images, labels, 1);
    expect(notes).toEqual([]);
    const found = counts(images, splitOf);
    for (const label of labels) {
      const total = images.filter(({ grade }) => grade === label).length;
      for (const split of ['train', 'validation', 'test'] as const)
        expect(Math.abs(found[`${label} ${split}`]! / total - splitShares[split])).toBeLessThan(0.01);
    }
  });

  it('is the same for the same seed in whatever order the images come, and another for another', () => {
    const images = fruits(60);
    const first = splitByGroup(images, labels, 5).splitOf;
    expect([...splitByGroup([...images].reverse(), labels, 5).splitOf].sort()).toEqual([...first].sort());
    expect([...splitByGroup(images, labels, 6).splitOf].sort()).not.toEqual([...first].sort());
  });

  it('has every label of photo sessions learnt, and tested where a label has two sessions', () => {
    const images = imagesOf(
      ['a', 'good', 528],
      ['b', 'good', 32],
      ['c', 'good', 53],
      ['d', 'good', 38],
      ['d', 'ok', 60],
      ['e', 'bad', 294],
      ['b', 'bad', 84],
      ['f', 'bad', 69],
    );
    for (const seed of [1, 2, 3]) {
      const { splitOf, notes } = splitByGroup(images, labels, seed);
      const found = counts(images, splitOf);
      for (const label of labels) expect(found[`${label} train`]).toBeGreaterThan(0);
      expect(found['good test']).toBeGreaterThan(0);
      expect(found['bad test']).toBeGreaterThan(0);
      expect(found['good train']! / 651).toBeGreaterThan(0.6);
      expect(notes).toEqual(['ok is not in validation and test: it comes from one group alone']);
    }
  });

  it('tests rather than validates a label that has two groups', () => {
    const images = imagesOf(['a', 'good', 10], ['b', 'good', 10], ['c', 'bad', 10], ['d', 'bad', 10]);
    const { splitOf, notes } = splitByGroup(images, labels, 1);
    const found = counts(images, splitOf);
    expect(Object.keys(found).sort()).toEqual(['bad test', 'bad train', 'good test', 'good train']);
    expect(notes).toEqual([
      'good is not in validation: it comes from 2 groups alone',
      'bad is not in validation: it comes from 2 groups alone',
    ]);
  });

  it('gives every label to training, and a label with groups of its own to test and validation, whatever the groups', () => {
    const group = fc.record({
      grade: fc.integer({ min: 0, max: 2 }),
      count: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(fc.array(group, { minLength: 1, maxLength: 40 }), fc.integer(), (groups, seed) => {
        const images = imagesOf(
          ...groups.map(({ grade, count }, i): [string, string, number] => [`g${i}`, labels[grade]!, count]),
        );
        const { splitOf } = splitByGroup(images, labels, seed);
        expect(splitOf.size).toBe(groups.length);
        const found = counts(images, splitOf);
        labels.forEach((label, l) => {
          const own = groups.filter(({ grade }) => grade === l).length;
          if (own >= 1) expect(found[`${label} train`]).toBeGreaterThan(0);
          if (own >= 2) expect(found[`${label} test`]).toBeGreaterThan(0);
          if (own >= 3) expect(found[`${label} validation`]).toBeGreaterThan(0);
        });
      }),
      { numRuns: 150 },
    );
  });

  it('has every label in training also when sessions mix the grades', () => {
    const session = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(session, { minLength: 1, maxLength: 8 }), fc.integer(), (sessions, seed) => {
        const images = imagesOf(
          ...sessions.flatMap((row, i) =>
            row.map((count, l): [string, string, number] => [`s${i}`, labels[l]!, count]),
          ),
        );
        fc.pre(images.length > 0);
        const found = counts(images, splitByGroup(images, labels, seed).splitOf);
        for (const { grade } of images) expect(found[`${grade} train`]).toBeGreaterThan(0);
      }),
      { numRuns: 100 },
    );
  });
});
