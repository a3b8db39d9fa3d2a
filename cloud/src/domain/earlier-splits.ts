/**
 * Where the groups of a dataset were before. What was held out of one version and learned from in the next would make the figures of the first a lie, so
 * that a group stays where it is, under its name or, where that is new, by its photographs.
 */
import { counted } from '@pomona/wire';
import type { DatasetImage, Split } from './dataset.ts';

export interface EarlierSplits {
  readonly ofGroup: ReadonlyMap<string, Split>;
  /** By the SHA-256 of the photograph. */
  readonly ofOriginal: ReadonlyMap<string, Split>;
  /** What could not be looked up, in words. */
  readonly notes: readonly string[];
}

/** Of versions of one dataset, newest first: the newest that has a group says where it is. */
export function earlierSplitsOf(
  versions: readonly { readonly images: readonly DatasetImage[] }[],
  notes: readonly string[] = [],
): EarlierSplits {
  const ofGroup = new Map<string, Split>();
  const ofOriginal = new Map<string, Split>();
  for (const { images } of versions)
    for (const { group, original, split } of images) {
      if (!ofGroup.has(group)) ofGroup.set(group, split);
      if (original !== undefined && !ofOriginal.has(original)) ofOriginal.set(original, split);
    }
  return { ofGroup, ofOriginal, notes };
}

export interface KeptSplits {
  /** By the name of a set of groups that are split as one; those that are not there are drawn. */
  readonly ofSet: ReadonlyMap<string, Split>;
  /** How much of an earlier version's stays, in words; undefined where there is nothing of it. */
  readonly told?: string;
  /** What does not stay. */
  readonly notes: readonly string[];
}

const groupsNamed = 4;
/** What was held out stays so, where groups of several splits turn out to be one. */
const heldOutFirst: readonly Split[] = ['test', 'validation', 'train'];

/** `together`: of each group the set that it is split with. */
export function keepSplits(
  images: readonly Pick<DatasetImage, 'group' | 'original'>[],
  together: ReadonlyMap<string, string>,
  earlier: EarlierSplits | undefined,
): KeptSplits {
  const ofSet = new Map<string, Split>();
  if (earlier === undefined) return { ofSet, notes: [] };
  const { known, scattered } = findGroups(images, earlier);
  for (const [group, split] of known) {
    const set = together.get(group)!;
    const before = ofSet.get(set) ?? split;
    ofSet.set(set, heldOutFirst.find((each) => each === before || each === split)!);
  }
  const moved = [...known].filter(([group, split]) => ofSet.get(together.get(group)!) !== split);
  const fresh = together.size - known.size - scattered.length;
  const kept = known.size - moved.length;
  return {
    ofSet,
    ...(known.size === 0
      ? {}
      : {
          told: `${kept} of ${counted(together.size, 'group')} ${kept === 1 ? 'is' : 'are'} in the split that an earlier version gave them${fresh === 0 ? '' : `; ${fresh} not seen before ${fresh === 1 ? 'fills' : 'fill'} it up`}`,
        }),
    notes: [
      ...earlier.notes,
      ...noteOf(
        moved.map(([group]) => group),
        'moved to where near duplicates of their photographs are held out',
      ),
      ...noteOf(
        scattered,
        'an earlier version had their photographs in several splits, so that they are split anew',
      ),
    ],
  };
}

/** For a version whose groups have their splits, the drawn ones too. */
export function testedAndLearned(
  images: readonly Pick<DatasetImage, 'original' | 'split'>[],
  earlier: EarlierSplits | undefined,
): string[] {
  const learned = images.filter(
    ({ original, split }) =>
      split === 'train' && original !== undefined && earlier?.ofOriginal.get(original) === 'test',
  );
  return learned.length === 0
    ? []
    : [
        `of the photographs that an earlier version tested, ${learned.length} are in a group now that is learned from`,
      ];
}

function findGroups(
  images: readonly Pick<DatasetImage, 'group' | 'original'>[],
  { ofGroup, ofOriginal }: EarlierSplits,
): { readonly known: ReadonlyMap<string, Split>; readonly scattered: readonly string[] } {
  const seen = new Map<string, Set<Split>>();
  for (const { group, original } of images) {
    const found = seen.get(group) ?? new Set<Split>();
    seen.set(group, found);
    const split = ofGroup.get(group) ?? (original === undefined ? undefined : ofOriginal.get(original));
    if (split !== undefined) found.add(split);
  }
  const known = new Map<string, Split>();
  for (const [group, found] of seen) {
    const [split] = found;
    if (split !== undefined && found.size === 1) known.set(group, split);
  }
  return { known, scattered: [...seen].filter(([, { size }]) => size > 1).map(([group]) => group) };
}

function noteOf(groups: readonly string[], what: string): string[] {
  if (groups.length === 0) return [];
  const more = groups.length > groupsNamed ? ` and ${groups.length - groupsNamed} more` : '';
  return [`${groups.slice(0, groupsNamed).join(', ')}${more}: ${what}`];
}
