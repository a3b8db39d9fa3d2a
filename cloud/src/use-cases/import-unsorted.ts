import type { Clock, ProjectView, QuarantinedImage } from '@pomona/wire';
import { datasetError } from '../domain/dataset-errors.ts';
import { unlistedNotes } from '../domain/dataset-freeze.ts';
import type { ListedPhotograph } from '../domain/dataset-index.ts';
import { imageLimitsOf } from '../domain/image-limits.ts';
import type { Photographs } from './dataset-ports.ts';
import { keepOriginals, ungrouped } from './import-dataset.ts';
import { type CropBlobs, keepingCrops, keepPhotographs } from './keep-photographs.ts';
import type { PhotographStore } from './photograph-ports.ts';
import { type VerifyRequest, verifyPhotographs } from './verify-photographs.ts';

export interface ImportUnsortedPorts {
  readonly photographs: Photographs;
  readonly blobs: CropBlobs;
  readonly store: PhotographStore;
  readonly project: { read(): Promise<ProjectView> };
  readonly clock: Pick<Clock, 'nowMs'>;
}

export interface ImportUnsortedRequest
  extends Pick<VerifyRequest, 'folder' | 'inputSize' | 'standardise' | 'onProgress' | 'signal'> {
  readonly name: string;
  /** The grades that a photograph may be given. */
  readonly labels: readonly string[];
  readonly by: string;
}

export interface ImportedUnsorted {
  readonly dataset: string;
  /** Photographs that wait for a label or have one, new and known before. */
  readonly added: number;
  readonly known: number;
  readonly quarantined: readonly QuarantinedImage[];
  readonly notes: readonly string[];
}

/**
 * Brings photographs whose grade nobody said before the people who label. They are cut out and held against the limits of the project as at any import; what
 * is beyond them waits apart from the others, and whoever grades it takes it all the same.
 * Errors: `dataset-folder-missing`, `dataset-folder-unreadable`, `dataset-index-invalid`, `dataset-empty`, `photograph-changed`; the reason of `signal` when aborted.
 */
export async function importUnsorted(
  { photographs, blobs, store, project, clock }: ImportUnsortedPorts,
  { name, labels, by, ...request }: ImportUnsortedRequest,
): Promise<ImportedUnsorted> {
  const { folder, inputSize, standardise, signal } = request;
  const limits = imageLimitsOf((await project.read()).targets);
  const graded = new Map<string, ListedPhotograph>();
  const cropping = keepingCrops(withoutGrades(photographs, graded), blobs);
  const found = await verifyPhotographs(
    cropping,
    { ...request, way: 'unsorted', labels: [''], limits },
    async () => {},
  );
  if (found.usable.length + found.quarantined.length === 0)
    throw datasetError('dataset-empty', `there is no photograph in ${folder}`);
  await keepOriginals(cropping, folder, found, signal);
  const atMs = clock.nowMs();
  const labelledHere = { by, at: new Date(atMs).toISOString() };
  const kept = await keepPhotographs(store, found, {
    ...{ dataset: name, labels, size: inputSize, standardise, atMs },
    pixelsOf: cropping.pixelsOf,
    saidOf(path) {
      const { grade = '', labelled = labelledHere } = graded.get(path) ?? {};
      return labels.includes(grade) ? { grade, labelled } : undefined;
    },
  });
  return {
    ...{
      dataset: name,
      ...kept,
      notes: [...unlistedNotes(found.unlisted), ...(found.isGrouped ? [] : [ungrouped])],
    },
    quarantined: found.quarantined.map(({ figures: _, grade: __, ...refused }) => refused),
  };
}

/** Copies of a photograph contradict each other by their grades, and here there are some of a few photographs at most. `graded` gets them as they were listed. */
function withoutGrades(photographs: Photographs, graded: Map<string, ListedPhotograph>): Photographs {
  return {
    digest: (folder, path) => photographs.digest(folder, path),
    inspect: (folder, paths, wanted, signal) => photographs.inspect(folder, paths, wanted, signal),
    keep: (folder, path, digest) => photographs.keep(folder, path, digest),
    async list(folder, way) {
      const listing = await photographs.list(folder, way);
      for (const photograph of listing.photographs) graded.set(photograph.path, photograph);
      return { ...listing, photographs: listing.photographs.map((each) => ({ ...each, grade: '' })) };
    },
  };
}
