import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type DatasetFile, type Split, splits } from './dataset.ts';
import { freezeDataset } from './dataset-freeze.ts';
import { splitShares } from './dataset-split.ts';
import { earlierSplitsOf } from './earlier-splits.ts';

const labels = ['good', 'bad'];

interface Photograph {
  readonly group: string;
  readonly grade: string;
  /** Names what is in the file. */
  readonly name: number;
  /** Near duplicates have the same; of its own unless given. */
  readonly look?: number;
}

function freeze(photographs: readonly Photograph[], before: readonly DatasetFile[], seed = 1): DatasetFile {
  return freezeDataset({
    ...{ name: 'box', source: 'test', labels, inputSize: 16, quarantined: [], leftOut: new Map(), notes: [] },
    images: photographs.map(({ group, grade, name }) => ({
      ...{ group, grade, source: `${name}.jpg`, digest: digestOf(name), original: digestOf(name) },
    })),
    looks: photographs.map(({ name, look }) => look ?? 1_000 + name),
    earlier: before.length === 0 ? undefined : earlierSplitsOf(before),
    seed,
    createdAtMs: 0,
  });
}

function digestOf(name: number): string {
  return name.toString(16).padStart(64, '0');
}

function splitsOf({ images }: DatasetFile): Map<string, Split> {
  return new Map(images.map(({ group, split }) => [group, split]));
}

/** Sessions `from` to `to`, each with photographs of one grade. */
function sessions(from: number, to: number, perSession = 4): Photograph[] {
  return Array.from({ length: (to - from) * perSession }, (_, i) => {
    const session = from + Math.floor(i / perSession);
    return { group: `day-${session}`, grade: labels[session % 2]!, name: from * perSession + i };
  });
}

it('keeps each group where it was while new ones come, whatever the seed, and spreads the new ones', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 6, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer(),
      (first, more, seed) => {
        const before = freeze(sessions(0, first), [], 1);
        const after = freeze(sessions(0, first + more), [before], seed);
        const [was, now] = [splitsOf(before), splitsOf(after)];
        for (const [group, split] of was) expect(now.get(group)).toBe(split);
        // A split gets more than its share only where it had more: to a group of each grade.
        for (const split of splits) {
          const most = Math.max(count(was, split), splitShares[split] * now.size + 2);
          expect(count(now, split)).toBeLessThanOrEqual(most);
        }
      },
    ),
    { numRuns: 60 },
  );
});

function count(splits: ReadonlyMap<string, Split>, split: Split): number {
  return [...splits.values()].filter((each) => each === split).length;
}

it('says how many groups stay, and what fills up', () => {
  const before = freeze(sessions(0, 12), []);
  expect(before.notes).toEqual([]);
  expect(before).not.toHaveProperty('keptSplit');
  expect(freeze(sessions(0, 15), [before])).toMatchObject({
    keptSplit:
      '12 of 15 groups are in the split that an earlier version gave them; 3 not seen before fill it up',
    notes: [],
  });
  const same = freeze(sessions(0, 12), [before], 9);
  expect([same.digest, same.keptSplit, same.notes]).toEqual([
    before.digest,
    '12 of 12 groups are in the split that an earlier version gave them',
    [],
  ]);
});

it('finds a group again that an older version had, and one that has another name now', () => {
  const whole = freeze(sessions(0, 12), []);
  const part = freeze(sessions(0, 8), [whole]);
  expect(splitsOf(freeze(sessions(0, 12), [part, whole], 5))).toEqual(splitsOf(whole));
  const renamed = sessions(0, 12).map((each) => ({ ...each, group: `tray-${each.group}` }));
  const now = splitsOf(freeze(renamed, [whole], 5));
  for (const [group, split] of splitsOf(whole)) expect(now.get(`tray-${group}`)).toBe(split);
});

it('gives what was held out to no training, where groups turn out to show the same', () => {
  const before = freeze(sessions(0, 20), []);
  const of = (split: Split) =>
    before.images.find((image) => image.split === split && image.grade === 'good')!.group;
  const [learned, tested] = [of('train'), of('test')];
  const alike = sessions(0, 20).map((each) =>
    each.group === learned || each.group === tested ? { ...each, look: 7 } : each,
  );
  const after = freeze(alike, [before]);
  expect([splitsOf(after).get(learned), splitsOf(after).get(tested)]).toEqual(['test', 'test']);
  expect(after.keptSplit).toBe('19 of 20 groups are in the split that an earlier version gave them');
  expect(after.notes.slice(1)).toEqual([
    `${learned}: moved to where near duplicates of their photographs are held out`,
  ]);
});

it('draws a group anew that holds photographs of several splits, and tells of a tested one that is learned from', () => {
  const before = freeze(sessions(0, 20), []);
  const mixed = sessions(0, 20).map((each) => ({
    ...each,
    group: each.name < 60 && each.grade === 'bad' ? 'pile' : each.group,
  }));
  const now = freeze(mixed, [before]);
  expect(now.keptSplit).toBe('13 of 14 groups are in the split that an earlier version gave them');
  expect(now.notes).toEqual(
    expect.arrayContaining([
      'pile: an earlier version had their photographs in several splits, so that they are split anew',
    ]),
  );
  const learned = before.images.find(({ split }) => split === 'train')!.group;
  const tested = before.images.find(({ split }) => split === 'test')!;
  const put = sessions(0, 20).map((each) =>
    digestOf(each.name) === tested.original ? { ...each, group: learned } : each,
  );
  expect(freeze(put, [before]).notes).toContain(
    'of the photographs that an earlier version tested, 1 are in a group now that is learned from',
  );
});

it('tells of tested photographs in a group that the draw puts into training', () => {
  const before = freeze(sessions(0, 20), []);
  const wasTested = new Set(
    before.images.flatMap(({ split, original }) => (split === 'test' ? original : [])),
  );
  const mixed = sessions(0, 20).map((each) => ({
    ...each,
    group: each.name % 3 === 0 ? each.group : 'pile',
  }));
  const told = new Set<boolean>();
  for (let seed = 1; seed <= 20; seed++) {
    const { images, notes } = freeze(mixed, [before], seed);
    const learned = images.filter(({ split, original }) => split === 'train' && wasTested.has(original));
    const note = `of the photographs that an earlier version tested, ${learned.length} are in a group now that is learned from`;
    expect(notes.filter((each) => each.includes('learned from'))).toEqual(learned.length > 0 ? [note] : []);
    told.add(learned.length > 0);
  }
  expect(told).toContain(true);
});

it('says why a grade is missing where what was there stays', () => {
  const before = freeze(sessions(0, 4), []);
  const [note] = before.notes;
  expect(note).toMatch(/is not in validation: it comes from 2 groups alone$/);
  expect(freeze(sessions(0, 4), [before]).notes.at(-1)).toMatch(
    /2 groups alone, and what an earlier version had stays where it was$/,
  );
});
