/**
 * A dataset version with labelled fruit of the lines added to another. The old fruit keeps its splits, so that the old
 * test stays the same test; the new fruit is split by itself, so that some of it is in each.
 */
import type { Labelled } from '@pomona/wire';
import { type DatasetFile, type DatasetImage, datasetDigestOf } from './dataset.ts';
import { countImages } from './dataset-counts.ts';
import { datasetError } from './dataset-errors.ts';
import { splitByGroup } from './dataset-split.ts';

export interface LabelledSample {
  readonly label: string;
  /** Names the fruit for ever. */
  readonly group: string;
  readonly source: string;
  /** Who gave the label, and when. */
  readonly labelled: Labelled;
  /** Of its views in order, SHA-256 each. */
  readonly views: readonly string[];
}

/** Fewer cannot be in three splits. */
export const samplesMin = 8;

/** Which of `views` stand for the fruit: as many as every fruit of the base has, the first ones again where it had fewer. */
export function viewsOf(views: number, viewsPerFruit: number): number[] {
  if (viewsPerFruit === 1) return Array.from({ length: views }, (_, i) => i);
  return Array.from({ length: viewsPerFruit }, (_, i) =>
    views >= viewsPerFruit ? Math.floor((i * views) / viewsPerFruit) : i % views,
  );
}

/** Errors: `samples-too-few`, `samples-other-shape`. */
export function addSamples(
  base: DatasetFile,
  samples: readonly LabelledSample[],
  seed: number,
  createdAtMs: number,
): DatasetFile {
  if (samples.length < samplesMin)
    throw datasetError(
      'samples-too-few',
      `${samples.length} labelled fruits, at least ${samplesMin} are needed`,
    );
  const stranger = samples.find(({ label }) => !base.labels.includes(label));
  if (stranger)
    throw datasetError(
      'samples-other-shape',
      `${stranger.group} is labelled ${stranger.label}, which ${base.name} does not know`,
    );
  const added = samples.flatMap(({ label: grade, group, source, labelled, views }) =>
    viewsOf(views.length, base.viewsPerFruit).map((view) => ({
      ...{ digest: views[view]!, grade, group, source, labelled },
    })),
  );
  const { splitOf, notes } = splitByGroup(added, base.labels, seed);
  const placed: DatasetImage[] = added.map((image) => ({ ...image, split: splitOf.get(image.group)! }));
  const images = [...base.images, ...placed];
  const { labels, inputSize } = base;
  return {
    ...base,
    digest: datasetDigestOf({ labels, inputSize, images }),
    createdAt: new Date(createdAtMs).toISOString(),
    source: `${base.name}@${base.digest.slice(0, 12)} and ${samples.length} labelled fruits of the lines`,
    images,
    ...countImages(labels, images),
    notes: [...base.notes, ...notes.map((note) => `of the labelled fruits: ${note}`)],
  };
}
