import { type Clock, type DatasetView, type ImageLimits, isSlug, type Labelled } from '@pomona/wire';
import { datasetViewOf } from '../domain/dataset.ts';
import { freezeDataset, type UnsplitImage } from '../domain/dataset-freeze.ts';
import type { ListedPhotograph } from '../domain/dataset-index.ts';
import type { EarlierSplits } from '../domain/earlier-splits.ts';
import { imageLimitsOf } from '../domain/image-limits.ts';
import type { DatasetDraft, DatasetStore, Photographs } from './dataset-ports.ts';
import {
  type UsablePhotograph,
  type Verified,
  type VerifyRequest,
  verifyPhotographs,
} from './verify-photographs.ts';

export interface ImportDatasetPorts {
  readonly photographs: Photographs;
  readonly store: DatasetStore;
  readonly clock: Clock;
  /** Before anything is frozen: what was found is there even where no version can be made of it. */
  onVerified?(verified: Verified, labelledHere: Labelled): Promise<void>;
}

export interface ImportDatasetRequest extends Omit<VerifyRequest, 'limits'> {
  readonly name: string;
  readonly seed: number;
  /** Of the versions of that name that there are: what they had stays in its split. */
  readonly earlier?: EarlierSplits | undefined;
  /** Whoever imports labels what nobody else is said to have labelled. */
  readonly by: string;
  /** Of the project; the version of its settings is kept with the dataset. */
  readonly limits: { readonly settings: number; readonly limits: ImageLimits };
  /** Where the photographs come from, for people; the folder unless given. */
  readonly source?: string;
}

export interface ImportedDataset {
  readonly view: DatasetView;
  readonly folder: string;
  /** What a person should know before trusting an accuracy on it. */
  readonly notes: readonly string[];
  /** The same content was imported before. */
  readonly reused: boolean;
}

/**
 * Makes a dataset version of a folder of photographs: each is verified, cut out and brought to the standard crop; what
 * cannot be used is quarantined with its reason, and the import goes on.
 * Errors: `dataset-folder-missing`, `dataset-folder-unreadable`, `dataset-index-invalid`, `dataset-empty`,
 * `dataset-one-class`, `dataset-not-written`, `photograph-changed`; the reason of `signal` when aborted.
 */
export async function importDataset(
  { photographs, store, clock, onVerified }: ImportDatasetPorts,
  request: ImportDatasetRequest,
): Promise<ImportedDataset> {
  const { folder, labels, inputSize, seed, name, limits: verified } = request;
  const limits = imageLimitsOf({ imageLimits: verified.limits });
  const nowMs = clock.nowMs();
  const draft = await store.begin(name);
  try {
    let crops = 0;
    const found = await verifyPhotographs(photographs, { ...request, limits }, async (crop) => {
      await draft.append(crop);
      crops++;
    });
    const { usable, listed, isGrouped } = found;
    if (usable.length < crops)
      await draft.retain(
        usable.map(({ position }) => position),
        inputSize * inputSize * 3,
      );
    const labelledHere = { by: request.by, at: new Date(nowMs).toISOString() };
    await keepOriginals(photographs, folder, found, request.signal);
    await onVerified?.(found, labelledHere);
    const file = freezeDataset({
      name,
      source: request.source ?? folder,
      labels,
      inputSize,
      standardise: request.standardise,
      images: usable.map((photograph) => imageOf(photograph, labelledHere)),
      looks: usable.map(({ look }) => look),
      verified: { ...verified, limits },
      quarantined: found.quarantined.map(({ figures: _, ...refused }) => refused),
      leftOut: countLeftOut(listed, labels),
      unlisted: found.unlisted,
      notes: isGrouped ? [] : [ungrouped],
      earlier: request.earlier,
      seed,
      createdAtMs: nowMs,
    });
    return await commit(draft, file);
  } finally {
    await draft.discard();
  }
}

/** What is quarantined may be accepted later, when the folder is gone. Errors: as `keep`; the reason of `signal` when aborted. */
export async function keepOriginals(
  photographs: Pick<Photographs, 'keep'>,
  folder: string,
  { usable, quarantined }: Pick<Verified, 'usable' | 'quarantined'>,
  signal?: AbortSignal,
): Promise<void> {
  for (const { path, original } of [...usable, ...quarantined]) {
    signal?.throwIfAborted();
    if (original !== undefined) await photographs.keep(folder, path, original);
  }
}

export const ungrouped =
  'no group is known, so each photograph is a group of its own: the split cannot keep photographs of one session ' +
  'together, and its accuracy may be far too good';

export async function commit(
  draft: DatasetDraft,
  file: Parameters<DatasetDraft['commit']>[0],
): Promise<ImportedDataset> {
  const stored = await draft.commit(file);
  return {
    view: datasetViewOf(stored.file),
    folder: stored.folder,
    notes: stored.file.notes,
    reused: stored.reused,
  };
}

function imageOf(photograph: UsablePhotograph, labelledHere: Labelled): UnsplitImage {
  const { digest, grade, group, path: source, original, about, labelled, accepted } = photograph;
  return {
    ...{ digest, grade, group, source, original, labelled: labelled ?? labelledHere },
    ...(about === undefined ? {} : { about }),
    ...(accepted === undefined ? {} : { accepted }),
  };
}

export function countLeftOut(
  listed: readonly ListedPhotograph[],
  labels: readonly string[],
): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { grade } of listed) {
    if (labels.includes(grade)) continue;
    const name = isSlug(grade) ? grade : slugOf(grade);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/** What people call a grade may hold anything; the count of it needs a name that fits the wire. */
function slugOf(text: string): string {
  const slug = text
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return slug === '' ? 'unnamed' : slug;
}
