/** A dataset version with photographs that a person took out of its quarantine. What it held keeps its splits. */
import { type DatasetFile, type DatasetImage, datasetDigestOf, type Split } from './dataset.ts';
import { countImages } from './dataset-counts.ts';
import { acceptedOf, type UnsplitImage, viewsPerFruitOf } from './dataset-freeze.ts';
import { splitByGroup } from './dataset-split.ts';
import { defaultImageLimits } from './image-limits.ts';
import { findTwins, lookOf } from './near-duplicates.ts';

export interface AcceptedImage extends UnsplitImage {
  readonly crop: Uint8Array;
}

/** `crops` uint8 [images of the base, size, size, 3]. */
export function addAccepted(
  base: DatasetFile,
  crops: Uint8Array,
  added: readonly AcceptedImage[],
  createdAtMs: number,
): DatasetFile {
  const splitOf = placeOf(base, crops, added);
  const placed = added.map(({ crop: _, ...image }) => ({ ...image, split: splitOf.get(image.group)! }));
  const images: DatasetImage[] = [...base.images, ...placed];
  const taken = new Set(added.map(({ source }) => source));
  const { labels, inputSize } = base;
  return {
    ...base,
    digest: datasetDigestOf({ labels, inputSize, images }),
    createdAt: new Date(createdAtMs).toISOString(),
    images,
    ...countImages(labels, images),
    viewsPerFruit: viewsPerFruitOf(images),
    quarantined: base.quarantined.filter(({ path }) => !taken.has(path)),
    accepted: acceptedOf(images),
  };
}

/** Where a group or a near duplicate is already, there it stays; the others are split by themselves. */
function placeOf(
  base: DatasetFile,
  crops: Uint8Array,
  added: readonly AcceptedImage[],
): ReadonlyMap<string, Split> {
  const { inputSize: size, images, labels } = base;
  const bytes = size * size * 3;
  const looks = [
    ...images.map(({ grade }, i) => ({ ...lookOf(crops.subarray(i * bytes, (i + 1) * bytes), size), grade })),
    ...added.map(({ crop, grade }) => ({ ...lookOf(crop, size), grade })),
  ];
  const splitOf = new Map<string, Split>(images.map(({ group, split }) => [group, split]));
  const groupAt = (at: number) => (images[at] ?? added[at - images.length]!).group;
  const { links } = findTwins(looks, { ...defaultImageLimits, ...base.verified?.limits });
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
