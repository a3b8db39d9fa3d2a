/** A dataset version with photographs that a person took out of its quarantine. What it held keeps its splits. */
import { type DatasetFile, type DatasetImage, datasetDigestOf } from './dataset.ts';
import { countImages } from './dataset-counts.ts';
import { acceptedOf, type UnsplitImage, viewsPerFruitOf } from './dataset-freeze.ts';
import type { Breathe } from './near-duplicates.ts';
import { placeBeside } from './place-beside.ts';

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
  const { splitOf } = await placeBeside(base, crops, added, { seed: 1, breathe });
  const placed = added.map(({ crop: _, ...image }) => ({ ...image, split: splitOf.get(image.group)! }));
  const images: DatasetImage[] = [...base.images, ...placed];
  const taken = new Set(added.map(({ source }) => source));
  return {
    ...base,
    digest: datasetDigestOf({ ...base, images }),
    createdAt: new Date(nowMs).toISOString(),
    images,
    ...countImages(base.labels, images),
    viewsPerFruit: viewsPerFruitOf(images),
    quarantined: base.quarantined.filter(({ path }) => !taken.has(path)),
    accepted: acceptedOf(images),
  };
}
