/** A dataset version with photographs that a person took out of its quarantine. What it held keeps its splits. */
import { type DatasetFile, type DatasetImage, datasetDigestOf, type Split } from './dataset.ts';
import { countImages } from './dataset-counts.ts';
import { acceptedOf, type UnsplitImage, uniteGroups, viewsPerFruitOf } from './dataset-freeze.ts';
import { splitByGroup } from './dataset-split.ts';
import { DisjointSets } from './disjoint-sets.ts';
import { defaultImageLimits } from './image-limits.ts';
import { type Breathe, findTwins, imagesPerBreath, type Look, lookOf } from './near-duplicates.ts';

export interface AcceptedImage extends UnsplitImage {
  readonly crop: Uint8Array;
}

export interface Accepting {
  readonly nowMs: number;
  readonly breathe: Breathe;
}

/** `crops` uint8 [images of the base, size, size, 3]. */
export async function addAccepted(
  base: DatasetFile,
  crops: Uint8Array,
  added: readonly AcceptedImage[],
  { nowMs, breathe }: Accepting,
): Promise<DatasetFile> {
  const splitOf = await placeOf(base, crops, added, breathe);
  const placed = added.map(({ crop: _, ...image }) => ({ ...image, split: splitOf.get(image.group)! }));
  const images: DatasetImage[] = [...base.images, ...placed];
  const taken = new Set(added.map(({ source }) => source));
  const { labels, inputSize } = base;
  return {
    ...base,
    digest: datasetDigestOf({ labels, inputSize, images }),
    createdAt: new Date(nowMs).toISOString(),
    images,
    ...countImages(labels, images),
    viewsPerFruit: viewsPerFruitOf(images),
    quarantined: base.quarantined.filter(({ path }) => !taken.has(path)),
    accepted: acceptedOf(images),
  };
}

/**
 * Groups that share a near duplicate are split as one: where one of them is already, there the others go; those of which none
 * is there are split by themselves.
 */
async function placeOf(
  base: DatasetFile,
  crops: Uint8Array,
  added: readonly AcceptedImage[],
  breathe: Breathe,
): Promise<ReadonlyMap<string, Split>> {
  const { inputSize: size, images, labels } = base;
  const bytes = size * size * 3;
  const looks: (Look & { readonly grade: string })[] = [];
  for (const [i, { grade }] of images.entries()) {
    looks.push({ ...lookOf(crops.subarray(i * bytes, (i + 1) * bytes), size), grade });
    if ((i + 1) % imagesPerBreath === 0) await breathe();
  }
  for (const { crop, grade } of added) looks.push({ ...lookOf(crop, size), grade });
  const limits = { ...defaultImageLimits, ...base.verified?.limits };
  const { links } = await findTwins(looks, limits, { breathe, from: images.length });
  const sets = new DisjointSets(looks.length);
  for (const [a, b] of links) sets.join(a, b);
  const together = uniteGroups(
    [...images, ...added],
    looks.map((_, at) => sets.rootOf(at)),
  );
  const splitOf = new Map<string, Split>(images.map(({ group, split }) => [group, split]));
  const splitOfSet = new Map<string, Split>();
  for (const { group, split } of images) {
    const set = together.get(group)!;
    // What shows the same as fruit of two splits can only go to one of them: the first.
    if (!splitOfSet.has(set)) splitOfSet.set(set, split);
  }
  const rest = added
    .map(({ group, grade }) => ({ group: together.get(group)!, grade }))
    .filter(({ group }) => !splitOfSet.has(group));
  if (rest.length > 0)
    for (const [set, split] of splitByGroup(rest, labels, 1).splitOf) splitOfSet.set(set, split);
  for (const { group } of added)
    if (!splitOf.has(group)) splitOf.set(group, splitOfSet.get(together.get(group)!)!);
  return splitOf;
}
