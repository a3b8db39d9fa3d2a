/**
 * A dataset version with labelled fruit of the lines added to another. The old fruit keeps its splits, so that the old
 * test stays the same test; the new fruit is split by itself, so that some of it is in each, but for that of which a picture
 * is all but the same as an old one: it goes where that is.
 */
import { digestOf } from '@pomona/release';
import { counted, type Labelled, type Provenance } from '@pomona/wire';
import { type DatasetFile, type DatasetImage, datasetDigestOf } from './dataset.ts';
import { countImages } from './dataset-counts.ts';
import { datasetError } from './dataset-errors.ts';
import { lineTwinCorrelation, type Placing, placeBeside } from './place-beside.ts';

export interface LabelledSample {
  readonly label: string;
  /** Names the fruit for ever. */
  readonly group: string;
  readonly source: string;
  readonly about: Provenance;
  /** Who gave the label, and when. */
  readonly labelled: Labelled;
  /** In order, uint8 [size, size, 3] each. */
  readonly views: readonly Uint8Array[];
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

/** `crops` uint8 [images of the base, size, size, 3]. Errors: `samples-too-few`, `samples-other-shape`. */
export async function addSamples(
  base: DatasetFile,
  crops: Uint8Array,
  samples: readonly LabelledSample[],
  { nowMs, seed, breathe }: Pick<Placing, 'seed' | 'breathe'> & { readonly nowMs: number },
): Promise<DatasetFile> {
  if (samples.length < samplesMin)
    throw datasetError(
      'samples-too-few',
      `${counted(samples.length, 'labelled fruit')}, at least ${samplesMin} are needed`,
    );
  const stranger = samples.find(({ label }) => !base.labels.includes(label));
  if (stranger)
    throw datasetError(
      'samples-other-shape',
      `${stranger.group} is labelled ${stranger.label}, which ${base.name} does not know`,
    );
  const added = samples.flatMap(({ label: grade, group, source, about, labelled, views }) =>
    viewsOf(views.length, base.viewsPerFruit).map((view) => ({
      crop: views[view]!,
      image: { digest: digestOf(views[view]!), grade, group, source, about, labelled },
    })),
  );
  const places = await placeBeside(
    base,
    crops,
    added.map(({ crop, image: { group, grade } }) => ({ group, grade, crop })),
    { seed, breathe, minTwinCorrelation: lineTwinCorrelation },
  );
  const placed: DatasetImage[] = added.map(({ image }) => ({
    ...image,
    split: places.splitOf.get(image.group)!,
  }));
  const images = [...base.images, ...placed];
  return {
    ...base,
    digest: datasetDigestOf({ ...base, images }),
    createdAt: new Date(nowMs).toISOString(),
    source: `${base.name}@${base.digest.slice(0, 12)} and ${counted(samples.length, 'labelled fruit')} of the lines`,
    images,
    ...countImages(base.labels, images),
    notes: [
      ...base.notes,
      ...places.notes.map((note) => `of the labelled fruits: ${note}`),
      ...noteOf(places.follow, 'show all but the same as images that were there, and are in their split'),
      ...noteOf(places.contradict, 'show all but the same as images of another grade: look at both'),
    ],
  };
}

function noteOf(groups: readonly string[], what: string): string[] {
  if (groups.length === 0) return [];
  const named = groups.slice(0, 4).join(', ');
  const more = groups.length > 4 ? ` and ${groups.length - 4} more` : '';
  return [`of the labelled fruits, ${named}${more} ${what}`];
}
