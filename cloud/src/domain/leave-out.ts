/**
 * Leave-one-group-out: for each value of what is known of images (a variety, a session, …) other splits of the same dataset
 * version, in which that value is the test split and nothing of it, nor of a group that it is part of, is learned from.
 */
import { counted, type LeaveOutBy, type LeaveOutReport } from '@pomona/wire';
import type { DatasetFile, DatasetImage, Split } from './dataset.ts';
import { splitShares } from './dataset-split.ts';

/** Of an image in a fold; `none` takes no part. */
export type FoldSplit = Split | 'none';

export interface Fold {
  readonly value: string;
  /** In the order of the dataset's images. */
  readonly splits: readonly FoldSplit[];
  readonly images: number;
  readonly groups: number;
  readonly learnedFrom: number;
}

export interface LeaveOutPlan extends Pick<LeaveOutReport, 'notHeldOut' | 'unknownImages'> {
  readonly folds: readonly Fold[];
}

/** Which value an image has; undefined where nobody said. `lines` has the line of each station now. */
export function leftOutValueOf(
  { group, about }: DatasetImage,
  by: LeaveOutBy,
  viewsPerFruit: number,
  lines: ReadonlyMap<string, string>,
): string | undefined {
  switch (by) {
    case 'group':
      return group;
    case 'session':
      // Photographs are grouped by session. A fruit seen several times is a group of its own, and its session a day at a station.
      if (viewsPerFruit === 1) return group;
      return about?.capturedAt && `${about.station ?? 'unknown station'} ${about.capturedAt.slice(0, 10)}`;
    case 'variety':
      return about?.variety;
    case 'lot':
      return about?.lot;
    case 'line':
      // Where the station was then; it may be on another line by now.
      return about?.line ?? (about?.station && lines.get(about.station));
  }
}

/** The largest values, at most `foldsMax` of them, largest first. */
export function planLeaveOut(
  { images, labels, viewsPerFruit }: Pick<DatasetFile, 'images' | 'labels' | 'viewsPerFruit'>,
  values: readonly (string | undefined)[],
  foldsMax: number,
): LeaveOutPlan {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const folds: Fold[] = [];
  const notHeldOut: LeaveOutPlan['notHeldOut'] = [];
  for (const [value, count] of sorted) {
    if (folds.length === foldsMax) {
      notHeldOut.push({ value, images: count, why: `there are larger ones, and ${foldsMax} are held out` });
      continue;
    }
    const splits = foldSplits(images, labels, values, value, viewsPerFruit);
    const fold = foldOf(value, images, splits);
    const why = whyNot(images, splits, fold);
    if (why === undefined) folds.push(fold);
    else notHeldOut.push({ value, images: count, why });
  }
  return { folds, notHeldOut, unknownImages: values.filter((value) => value === undefined).length };
}

function foldSplits(
  images: readonly DatasetImage[],
  labels: readonly string[],
  values: readonly (string | undefined)[],
  held: string,
  viewsPerFruit: number,
): FoldSplit[] {
  const isHeld = (at: number): boolean => values[at] === held;
  const touched = new Set(images.flatMap(({ group }, at) => (isHeld(at) ? [group] : [])));
  // A fruit is judged by all its views or not at all.
  const mixed = new Set(
    images.flatMap(({ group }, at) => (isHeld(at) ? [] : [group])).filter((group) => touched.has(group)),
  );
  const rest = images.filter(({ group }) => !touched.has(group));
  const validation = validationGroups(rest, labels);
  return images.map(({ group }, at) => {
    if (!touched.has(group)) return validation.has(group) ? 'validation' : 'train';
    return isHeld(at) && !(viewsPerFruit > 1 && mixed.has(group)) ? 'test' : 'none';
  });
}

/**
 * Those of the version, unless a label that is left is not among them: then the smallest of each label, until they hold a
 * share of its images, and never most of them. What is large teaches more than it tells.
 */
function validationGroups(rest: readonly DatasetImage[], labels: readonly string[]): ReadonlySet<string> {
  const gradesOf = (some: readonly DatasetImage[]) => new Set(some.map(({ grade }) => grade)).size;
  const stored = rest.filter(({ split }) => split === 'validation');
  if (gradesOf(stored) === gradesOf(rest)) return new Set(stored.map(({ group }) => group));
  const chosen = new Set<string>();
  for (const label of labels) {
    const counts = new Map<string, number>();
    const own = rest.filter(({ grade }) => grade === label);
    for (const { group } of own) counts.set(group, (counts.get(group) ?? 0) + 1);
    let held = own.filter(({ group }) => chosen.has(group)).length;
    for (const [group, count] of [...counts].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1))) {
      if (held >= own.length * splitShares.validation || held + count > own.length / 2) break;
      if (!chosen.has(group)) held += count;
      chosen.add(group);
    }
  }
  return chosen;
}

function foldOf(value: string, images: readonly DatasetImage[], splits: readonly FoldSplit[]): Fold {
  const test = images.filter((_, at) => splits[at] === 'test');
  return {
    ...{ value, splits, images: test.length, groups: new Set(test.map(({ group }) => group)).size },
    learnedFrom: splits.filter((split) => split === 'train').length,
  };
}

function whyNot(
  images: readonly DatasetImage[],
  splits: readonly FoldSplit[],
  fold: Fold,
): string | undefined {
  if (fold.images === 0) return 'all its fruits are also of others';
  const learned = new Set(images.flatMap(({ grade }, at) => (splits[at] === 'train' ? [grade] : [])));
  const left = 'fewer than two grades are left to learn from';
  const sharing = splits.filter((split) => split === 'none').length;
  // An image of a group that is left out is not learned from, whatever its own value.
  if (learned.size < 2 && sharing > 0)
    return `its groups hold ${counted(sharing, 'image')} of others, which cannot stay without it: ${left}`;
  if (learned.size < 2) return `without it ${left}`;
  return splits.includes('validation') ? undefined : 'without it no group is left to validate on';
}
