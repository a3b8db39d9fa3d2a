/** Photographs that were imported, as they are kept to be labelled. */
import type {
  ImageFigures,
  Labelled,
  LabelSource,
  PhotographCounts,
  Provenance,
  SampleReview,
  Standardise,
} from '@pomona/wire';

/** What an import found of a photograph. */
export interface FoundPhotograph {
  readonly path: string;
  /** SHA-256 of the file, which is kept as a blob. */
  readonly original: string;
  readonly group: string;
  readonly about?: Provenance;
  /** What the folder or the `index.csv` said, by whom. */
  readonly said?: { readonly grade: string; readonly labelled: Labelled };
  readonly figures?: ImageFigures;
  /** Why it cannot be taken, unless a person takes it. */
  readonly refused?: string;
  /** Blob of its crop, uint8 [size, size, 3]; not there where no fruit was found. */
  readonly pixels?: string;
}

export interface PhotographImport {
  readonly dataset: string;
  /** The grades that it may be given. */
  readonly labels: readonly string[];
  readonly size: number;
  /** What was done to the colours of the crops. */
  readonly standardise?: Standardise | undefined;
  readonly atMs: number;
}

/** A photograph as it stands. */
export interface KeptPhotograph extends Omit<FoundPhotograph, 'said'> {
  /** What the folder or the `index.csv` said. */
  readonly grade?: string;
  /** Not there where no fruit was found. */
  readonly crop?: {
    readonly pixels: string;
    readonly size: number;
    readonly standardise?: Standardise | undefined;
    readonly labels: readonly string[];
    readonly label: { readonly label: string; readonly by: string; readonly at: string } | null;
    readonly review: SampleReview;
  };
}

export interface TakenPhotograph {
  readonly original: string;
  readonly grade: string;
}

export interface Taker {
  readonly by: string;
  readonly source: LabelSource;
  readonly atMs: number;
}

export interface PhotographStore {
  /**
   * A photograph is known by its content. One that is there keeps its labels, unless the folder says otherwise than it did. Returns how many can be
   * labelled, new and known ones.
   */
  keep(
    found: readonly FoundPhotograph[],
    into: PhotographImport,
  ): Promise<{ readonly added: number; readonly known: number }>;
  /** All of the dataset, by path, with the labels as they stood at that instant. */
  listAt(dataset: string, atMs: number): Promise<KeptPhotograph[]>;
  counts(): Promise<PhotographCounts[]>;
  /** Labels those of the dataset that have no label: whoever takes one from the quarantine says by that what it is. */
  take(dataset: string, taken: readonly TakenPhotograph[], by: Taker): Promise<void>;
}
