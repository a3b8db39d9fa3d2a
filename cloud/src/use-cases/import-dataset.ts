import { digestOf } from '@pomona/release';
import { type Clock, type DatasetView, isSlug } from '@pomona/wire';
import { datasetViewOf } from '../domain/dataset.ts';
import { freezeDataset, type UnsplitImage } from '../domain/dataset-freeze.ts';
import type { ListedPhotograph } from '../domain/dataset-index.ts';
import type { DatasetDraft, DatasetStore, Photographs } from './dataset-ports.ts';

export interface ImportDatasetPorts {
  readonly photographs: Photographs;
  readonly store: DatasetStore;
  readonly clock: Clock;
}

export interface ImportDatasetRequest {
  /** One sub-folder of photographs per grade, or an `index.csv`. */
  readonly folder: string;
  readonly name: string;
  /** Grades to take; others are left out and counted. */
  readonly labels: readonly string[];
  readonly inputSize: number;
  readonly seed: number;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
}

export interface ImportProgress {
  readonly done: number;
  readonly total: number;
  readonly quarantined: number;
}

export interface ImportedDataset {
  readonly view: DatasetView;
  readonly folder: string;
  /** What a person should know before trusting an accuracy on it. */
  readonly notes: readonly string[];
  /** The same content was imported before. */
  readonly reused: boolean;
}

interface Candidate extends ListedPhotograph {
  readonly original: string;
}

/**
 * Makes a dataset version of a folder of photographs: each is verified, cut out and brought to the standard crop; what
 * cannot be used is quarantined with its reason, and the import goes on.
 * Errors: `dataset-folder-missing`, `dataset-folder-unreadable`, `dataset-index-invalid`, `dataset-empty`,
 * `dataset-one-class`, `dataset-not-written`, `photograph-changed`; the reason of `signal` when aborted.
 */
export async function importDataset(
  { photographs, store, clock }: ImportDatasetPorts,
  request: ImportDatasetRequest,
): Promise<ImportedDataset> {
  const { folder, labels, inputSize, seed, name } = request;
  const signal = request.signal ?? new AbortController().signal;
  const { photographs: listed, isGrouped } = await photographs.list(folder);
  const quarantined: { path: string; reason: string }[] = [];
  const candidates = await choose(photographs, folder, listed, labels, quarantined, signal);
  const images: UnsplitImage[] = [];
  const draft = await store.begin(name);
  try {
    const paths = candidates.map(({ path }) => path);
    let done = 0;
    for await (const inspection of photographs.inspect(folder, paths, inputSize, signal)) {
      const candidate = candidates[done++]!;
      if (inspection.ok) {
        await draft.append(inspection.crop);
        images.push(imageOf(candidate, inspection.crop));
      } else {
        quarantined.push({ path: candidate.path, reason: inspection.reason });
      }
      request.onProgress?.({ done, total: paths.length, quarantined: quarantined.length });
    }
    const file = freezeDataset({
      name,
      source: folder,
      labels,
      inputSize,
      images,
      quarantined: quarantined.sort((a, b) => (a.path < b.path ? -1 : 1)),
      leftOut: countLeftOut(listed, labels),
      notes: isGrouped ? [] : [ungrouped],
      seed,
      createdAtMs: clock.nowMs(),
    });
    for (const { source, original } of images) {
      signal.throwIfAborted();
      await photographs.keep(folder, source, original!);
    }
    return await commit(draft, file);
  } finally {
    await draft.discard();
  }
}

const ungrouped =
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

/**
 * The photographs to inspect, sorted by path. The same bytes twice count once; under two grades neither can be
 * believed.
 */
async function choose(
  photographs: Photographs,
  folder: string,
  listed: readonly ListedPhotograph[],
  labels: readonly string[],
  quarantined: { path: string; reason: string }[],
  signal: AbortSignal,
): Promise<Candidate[]> {
  const byDigest = new Map<string, Candidate[]>();
  const sorted = [...listed].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const photograph of sorted) {
    signal.throwIfAborted();
    if (!labels.includes(photograph.grade)) continue;
    const found = await photographs.digest(folder, photograph.path);
    if ('reason' in found) {
      quarantined.push({ path: photograph.path, reason: found.reason });
      continue;
    }
    const twins = byDigest.get(found.digest) ?? [];
    twins.push({ ...photograph, original: found.digest });
    byDigest.set(found.digest, twins);
  }
  const chosen: Candidate[] = [];
  for (const twins of byDigest.values()) {
    const [first, ...others] = twins as [Candidate, ...Candidate[]];
    const rival = others.find((twin) => twin.grade !== first.grade);
    if (!rival) {
      chosen.push(first);
      for (const twin of others)
        quarantined.push({
          path: twin.path,
          reason: `the same photograph as ${first.path}, which counts once`,
        });
      continue;
    }
    for (const twin of twins) {
      const other = twins.find((each) => each.grade !== twin.grade)!;
      quarantined.push({
        path: twin.path,
        reason: `the same photograph is ${twin.grade} here and ${other.grade} as ${other.path}`,
      });
    }
  }
  return chosen.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function imageOf({ path, grade, group, original }: Candidate, crop: Uint8Array): UnsplitImage {
  return { digest: digestOf(crop), grade, group, source: path, original };
}

function countLeftOut(listed: readonly ListedPhotograph[], labels: readonly string[]): Map<string, number> {
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
