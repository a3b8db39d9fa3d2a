import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { datasetDigestOf } from './dataset.ts';
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

  it('names other colours otherwise, and what has none of its own as before', () => {
    const images = [0, 1].map((i) => ({
      ...{ grade: labels[i]!, group: `g${i}`, digest: String(i).repeat(64), split: 'train' as const },
      source: `${i}.jpg`,
    }));
    const content = { labels, inputSize: 16, images };
    const settings = [
      { whiteBalance: 'grey-surroundings' },
      { contrast: 'equalised' },
      { whiteBalance: 'grey-surroundings', contrast: 'equalised' },
    ] as const;
    const digests = settings.map((standardise) => datasetDigestOf({ ...content, standardise }));
    expect(new Set([datasetDigestOf(content), ...digests]).size).toBe(4);
    // Of versions from before there were settings.
    expect(datasetDigestOf(content)).toBe('db45c5943740d6acb4d0ecea242ab14996ea2d27b9ff17793ac461cd2c994760');
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
