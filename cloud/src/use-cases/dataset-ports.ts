/** What importing a dataset needs of the outside. */
import type { ImageFigures, Standardise } from '@pomona/wire';
import type { DatasetFile } from '../domain/dataset.ts';
import type { ListedPhotograph } from '../domain/dataset-index.ts';
import type { Look } from '../domain/near-duplicates.ts';
import type { PhotographFault } from '../domain/photograph-faults.ts';

/** A version that is being written; nobody sees it before it is committed. */
export interface DatasetDraft {
  /** The next crop, uint8 [size, size, 3], and its map of defects: all crops of a draft have one, or none has. */
  append(crop: Uint8Array, defects?: Uint8Array): Promise<void>;
  /** Leaves only the crops at these positions, which rise; for a draft without maps, and the last before its commit. */
  retain(positions: readonly number[], cropBytes: number): Promise<void>;
  /**
   * Puts the version in its place, whole or not at all. One that is there already stays, and says of what is not in it
   * (`quarantined`, `leftOut`, `verified`) what `file` says.
   */
  commit(file: DatasetFile): Promise<StoredDataset>;
  /** Removes what was written. Does nothing after a commit. */
  discard(): Promise<void>;
}

export interface StoredDataset {
  /** Where `dataset.json` and `crops.u8` are. */
  readonly folder: string;
  readonly file: DatasetFile;
  /** The version was there before. */
  readonly reused: boolean;
}

export interface DatasetStore {
  begin(name: string): Promise<DatasetDraft>;
}

export interface PhotographListing {
  readonly photographs: readonly ListedPhotograph[];
  /** False where no group is known, and each photograph is a group of its own. */
  readonly isGrouped: boolean;
  /** Photographs in the folder that no row of its index and no folder of a grade names. */
  readonly unlisted?: number;
}

/** What is made of a photograph. */
export interface CropWanted {
  /** Side of the crop. */
  readonly inputSize: number;
  /** What is done to its colours. */
  readonly standardise?: Standardise | undefined;
}

export type Inspection =
  | {
      readonly ok: true;
      readonly crop: Uint8Array;
      readonly figures: ImageFigures;
      readonly look: Look;
      /** What the camera wrote into the file. */
      readonly capturedAt?: string;
    }
  | { readonly ok: false; readonly fault: PhotographFault; readonly reason: string };

/** `graded`: a sub-folder per grade, or an `index.csv` that names it. `unsorted`: any folders, which are the groups; whose grade nobody said has `''`. */
export type ListingWay = 'graded' | 'unsorted';

export interface Photographs {
  list(folder: string, way?: ListingWay): Promise<PhotographListing>;
  /** SHA-256 of the file, or why it cannot be read. */
  digest(folder: string, path: string): Promise<{ readonly digest: string } | { readonly reason: string }>;
  /** One answer per path, in their order. Ends early when `signal` is aborted, by throwing its reason. */
  inspect(
    folder: string,
    paths: readonly string[],
    wanted: CropWanted,
    signal: AbortSignal,
  ): AsyncIterable<Inspection>;
  /**
   * Keeps the file as a blob; false when it is larger than any photograph may be. Throws `photograph-changed` when it does
   * not have that digest any more.
   */
  keep(folder: string, path: string, digest: string): Promise<boolean>;
}
