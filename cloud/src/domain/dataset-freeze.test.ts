import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freezeDataset } from './dataset-freeze.ts';

const labels = ['good', 'bad'];

function freeze(images: readonly { group: string; grade: string; look: number }[], seed = 1) {
  return freezeDataset({
    ...{
      name: 'apples',
      source: 'test',
      labels,
      inputSize: 16,
      quarantined: [],
      leftOut: new Map(),
      notes: [],
    },
    images: images.map(({ group, grade }, i) => ({
      ...{ group, grade, source: `${i}.jpg` },
      digest: i.toString(16).padStart(64, '0'),
    })),
    looks: images.map(({ look }) => look),
    seed,
    createdAtMs: 0,
  });
}

describe('freezing', () => {
  it('lets no group and no near duplicate cross a split, whatever shares what', () => {
    const image = fc.record({
      group: fc.integer({ min: 0, max: 25 }).map((i) => `g${i}`),
      grade: fc.constantFrom(...labels),
      look: fc.integer({ min: 0, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(image, { minLength: 2, maxLength: 120 }), fc.integer(), (images, seed) => {
        fc.pre(labels.every((label) => images.some(({ grade }) => grade === label)));
        const { images: placed } = freeze(images, seed);
        for (const name of ['group', 'look'] as const) {
          const splitOf = new Map<string | number, string>();
          placed.forEach(({ split }, i) => {
            const key = images[i]![name];
            expect(splitOf.get(key) ?? split).toBe(split);
            splitOf.set(key, split);
          });
        }
      }),
      { numRuns: 150 },
    );
  });

  it('keeps the names of groups that it splits as one, and says that it does', () => {
    const images = Array.from({ length: 24 }, (_, i) => ({
      group: `g${String(i).padStart(2, '0')}`,
      grade: labels[i % 2]!,
      // The last shows the same as the first.
      look: i === 23 ? 0 : i,
    }));
    const file = freeze(images);
    expect(file.groups).toBe(24);
    expect(file.images[23]!.split).toBe(file.images[0]!.split);
    expect(file.notes).toEqual([
      'groups hold near duplicates of each other’s photographs and are never in two splits: g00 + g23',
    ]);
    expect(freeze(images.map((each, look) => ({ ...each, look }))).notes).toEqual([]);
  });
});
