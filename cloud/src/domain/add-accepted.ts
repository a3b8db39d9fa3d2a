/** A dataset version with photographs that a person took out of its quarantine. What it held keeps its splits. */
import { type DatasetFile, type DatasetImage, datasetDigestOf, type Split } from './dataset.ts';
import { countImages } from './dataset-counts.ts';
import { acceptedOf, type UnsplitImage, viewsPerFruitOf } from './dataset-freeze.ts';
import { splitByGroup } from './dataset-split.ts';
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

/** Where a group or a near duplicate is already, there it stays; the others are split by themselves. */
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
  const splitOf = new Map<string, Split>(images.map(({ group, split }) => [group, split]));
  const groupAt = (at: number) => (images[at] ?? added[at - images.length]!).group;
  const limits = { ...defaultImageLimits, ...base.verified?.limits };
  const { links } = await findTwins(looks, limits, { breathe, from: images.length });
  // Twins of twins: each pass carries a split one link further.
  for (let changed = true; changed; ) {
    changed = false;
    for (const [a, b] of links) {
      const known = splitOf.get(groupAt(a)) ?? splitOf.get(groupAt(b));
      if (known === undefined || (splitOf.has(groupAt(a)) && splitOf.has(groupAt(b)))) continue;
      splitOf.set(groupAt(a), splitOf.get(groupAt(a)) ?? known);
      splitOf.set(groupAt(b), splitOf.get(groupAt(b)) ?? known);
      changed = true;
    }
  }
  const rest = added.filter(({ group }) => !splitOf.has(group));
  if (rest.length === 0) return splitOf;
  return new Map([...splitOf, ...splitByGroup(rest, labels, 1).splitOf]);
}
