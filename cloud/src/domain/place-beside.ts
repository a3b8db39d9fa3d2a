/** In which splits new images go beside those of a version: groups that share a near duplicate are split as one. */
import type { DatasetFile, Split } from './dataset.ts';
import { type UnsplitImage, uniteGroups } from './dataset-freeze.ts';
import { splitByGroup } from './dataset-split.ts';
import { DisjointSets } from './disjoint-sets.ts';
import { defaultImageLimits } from './image-limits.ts';
import { type Breathe, findTwins, imagesPerBreath, type Look, lookOf } from './near-duplicates.ts';

export interface NewImage extends Pick<UnsplitImage, 'group' | 'grade'> {
  /** uint8 [size, size, 3]. */
  readonly crop: Uint8Array;
}

export interface Placing {
  readonly seed: number;
  readonly breathe: Breathe;
  /** Near duplicates correlate by at least so much, whatever the limits say; see `lineTwinCorrelation`. */
  readonly minTwinCorrelation?: number;
}

/**
 * Under the lamps of a line all fruit shines in the same places: of 3.1 million pairs of different drawn fruit the detail of some
 * correlates by 0.75, which is no accident among photographs, and of none by 0.9; of a picture and its copy, by 0.96.
 */
export const lineTwinCorrelation = 0.9;

export interface Places {
  /** Of the groups of the version and the new ones. */
  readonly splitOf: ReadonlyMap<string, Split>;
  /** What was impossible in those that were split by themselves, in words. */
  readonly notes: readonly string[];
  /** New groups that went where a near duplicate of theirs is, by name. */
  readonly follow: readonly string[];
  /** New groups of which a near duplicate has another grade. */
  readonly contradict: readonly string[];
}

/**
 * Where one of the groups that share a near duplicate is already, there the others go; those of which none is there are split by
 * themselves. `crops` uint8 [images of the base, size, size, 3].
 */
export async function placeBeside(
  base: Pick<DatasetFile, 'inputSize' | 'images' | 'labels' | 'verified'>,
  crops: Uint8Array,
  added: readonly NewImage[],
  { seed, breathe, minTwinCorrelation = 0 }: Placing,
): Promise<Places> {
  const { images, labels } = base;
  const all = [...images, ...added];
  const looks = await looksOf(base, crops, added, breathe);
  const wanted = { ...defaultImageLimits, ...base.verified?.limits };
  const limits = {
    ...wanted,
    minTwinCorrelation: Math.max(minTwinCorrelation, wanted.minTwinCorrelation),
  };
  const { links, conflicts } = await findTwins(looks, limits, { breathe, from: images.length });
  const sets = new DisjointSets(looks.length);
  for (const [a, b] of links) sets.join(a, b);
  const together = uniteGroups(
    all,
    looks.map((_, at) => sets.rootOf(at)),
  );
  const splitOf = new Map<string, Split>(images.map(({ group, split }) => [group, split]));
  const splitOfSet = new Map<string, Split>();
  for (const { group, split } of images) {
    const set = together.get(group)!;
    // What shows the same as fruit of two splits can only go to one of them: the first.
    if (!splitOfSet.has(set)) splitOfSet.set(set, split);
  }
  const newGroups = [...new Set(added.map(({ group }) => group))].filter((group) => !splitOf.has(group));
  const follow = newGroups.filter((group) => splitOfSet.has(together.get(group)!));
  const rest = added
    .map(({ group, grade }) => ({ group: together.get(group)!, grade }))
    .filter(({ group }) => !splitOfSet.has(group));
  const alone = rest.length > 0 ? splitByGroup(rest, labels, seed) : { splitOf: [], notes: [] };
  for (const [set, split] of alone.splitOf) splitOfSet.set(set, split);
  for (const group of newGroups) splitOf.set(group, splitOfSet.get(together.get(group)!)!);
  const rivals = new Set(conflicts.flatMap((pair) => pair.map((at) => all[at]!.group)));
  const contradict = newGroups.filter((group) => rivals.has(group));
  return { splitOf, notes: alone.notes, follow, contradict };
}

async function looksOf(
  { inputSize: size, images }: Pick<DatasetFile, 'inputSize' | 'images'>,
  crops: Uint8Array,
  added: readonly NewImage[],
  breathe: Breathe,
): Promise<(Look & { readonly grade: string })[]> {
  const bytes = size * size * 3;
  const looks: (Look & { readonly grade: string })[] = [];
  for (const [i, { grade }] of images.entries()) {
    looks.push({ ...lookOf(crops.subarray(i * bytes, (i + 1) * bytes), size), grade });
    if ((i + 1) % imagesPerBreath === 0) await breathe();
  }
  for (const [i, { crop, grade }] of added.entries()) {
    looks.push({ ...lookOf(crop, size), grade });
    if ((i + 1) % imagesPerBreath === 0) await breathe();
  }
  return looks;
}
