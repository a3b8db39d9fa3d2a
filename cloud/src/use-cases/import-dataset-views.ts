import { digestOf } from '@pomona/release';
import type { Clock, Standardise } from '@pomona/wire';
import { datasetError } from '../domain/dataset-errors.ts';
import { freezeDataset, type UnsplitImage } from '../domain/dataset-freeze.ts';
import type { DatasetStore } from './dataset-ports.ts';
import { commit, type ImportedDataset } from './import-dataset.ts';

export interface ImportViewsPorts {
  readonly store: DatasetStore;
  readonly clock: Clock;
}

export interface LabelledView {
  /** uint8 [inputSize, inputSize, 3], RGB, a standard crop already. */
  readonly crop: Uint8Array;
  readonly grade: string;
  /** The fruit. Its views come one after the other. */
  readonly group: string;
  /** The grade that this view alone deserves. */
  readonly viewGrade?: string;
  /** Where it shows defects, uint8 [cells, cells, 2]: the shares of a cell that are defect, and rot; 255 is all. */
  readonly defects?: Uint8Array;
}

export interface ImportViewsRequest {
  readonly name: string;
  /** Where the views come from, for people. */
  readonly source: string;
  readonly labels: readonly string[];
  readonly inputSize: number;
  /** What was done to the colours of the crops. */
  readonly standardise?: Standardise | undefined;
  readonly seed: number;
  /** Cells along a side of the views' defect maps; undefined where they have none. */
  readonly defectCells?: number;
  /** After each view, how many there were. */
  readonly onProgress?: (views: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Makes a dataset version of crops that are standardised already, such as those of drawn fruit. Errors:
 * `dataset-views-invalid`, `dataset-empty`, `dataset-one-class`, `dataset-not-written`; the reason of `signal` when aborted.
 */
export async function importViews(
  { store, clock }: ImportViewsPorts,
  request: ImportViewsRequest,
  views: AsyncIterable<LabelledView> | Iterable<LabelledView>,
): Promise<ImportedDataset> {
  const { name, source, labels, inputSize, seed, signal } = request;
  const images: UnsplitImage[] = [];
  const draft = await store.begin(name);
  try {
    for await (const view of views) {
      signal?.throwIfAborted();
      check(view, request, images.length);
      await draft.append(view.crop, view.defects);
      images.push({
        digest: digestOf(view.crop),
        grade: view.grade,
        ...(view.viewGrade === undefined ? {} : { viewGrade: view.viewGrade }),
        ...(view.defects === undefined ? {} : { defects: digestOf(view.defects) }),
        group: view.group,
        source,
      });
      request.onProgress?.(images.length);
    }
    const file = freezeDataset({
      name,
      source,
      labels,
      inputSize,
      standardise: request.standardise,
      images,
      ...(request.defectCells === undefined ? {} : { defectCells: request.defectCells }),
      quarantined: [],
      leftOut: new Map(),
      notes: [],
      seed,
      createdAtMs: clock.nowMs(),
    });
    return await commit(draft, file);
  } finally {
    await draft.discard();
  }
}

function check(
  view: LabelledView,
  { labels, inputSize, defectCells = 0 }: ImportViewsRequest,
  at: number,
): void {
  const bytes = inputSize * inputSize * 3;
  if (view.crop.byteLength !== bytes)
    throw datasetError(
      'dataset-views-invalid',
      `view ${at} has ${view.crop.byteLength} bytes instead of ${bytes}`,
    );
  const mapBytes = defectCells * defectCells * 2;
  if ((view.defects?.byteLength ?? 0) !== mapBytes) {
    throw datasetError(
      'dataset-views-invalid',
      `view ${at} has a defect map of ${view.defects?.byteLength ?? 0} bytes instead of ${mapBytes}`,
    );
  }
  for (const grade of [view.grade, view.viewGrade ?? view.grade]) {
    if (!labels.includes(grade))
      throw datasetError(
        'dataset-views-invalid',
        `view ${at} has the grade ${grade}, not one of ${labels.join(', ')}`,
      );
  }
}
