import type { Manifest, ReleaseFile } from '@pomona/release';
import type { Recipe, ReleaseRef } from '@pomona/wire';
import type { RunnableRelease } from '../domain/line-messages.ts';
import type { ProofFigures } from '../domain/probation.ts';
import type { UpdateState } from '../domain/update-state.ts';
import type { ChunkSink } from './transfer.ts';

export interface UpdateJournal {
  load(): Promise<UpdateState>;
  /** On disk when it resolves. */
  save(state: UpdateState): Promise<void>;
}

/** Releases on this device, by digest; one that is complete never changes. */
export interface ReleaseStore {
  isComplete(digest: string): Promise<boolean>;
  /**
   * Keeps the manifest of a release that is to be fetched. Throws `disk-full` (retryable) when its files would not fit.
   */
  begin(digest: string, manifest: Uint8Array): Promise<Manifest>;
  /** Throws `release-damaged` (retryable) when it is not there or is not the one of this digest. */
  manifest(digest: string): Promise<Manifest>;
  /** A file to write chunks into; what a former life wrote counts when its digest is right. */
  openFile(digest: string, file: ReleaseFile): Promise<OpenReleaseFile>;
  /**
   * Writes into `sink` the missing chunks of `file` that other releases on this device hold, each checked. What cannot be read
   * there is left missing. Throws what the sink throws, or the signal's reason.
   */
  reuse(digest: string, file: ReleaseFile, sink: ChunkSink, signal: AbortSignal): Promise<void>;
  /** Reads every file again and compares digests. Throws `release-damaged` (retryable), having removed what is wrong. */
  verify(digest: string): Promise<void>;
  /** From here on it is complete. */
  complete(digest: string): Promise<void>;
  fileOf(digest: string, name: string): string;
  keepOnly(digests: readonly string[]): Promise<void>;
}

export interface OpenReleaseFile extends ChunkSink {
  /** On disk when it resolves. */
  close(): Promise<void>;
}

/** The grading worker, as far as updates care. */
export interface Line {
  /** Resolves when new fruit is graded by it. Rejects when it cannot run: what ran before goes on. */
  run(release: RunnableRelease, recipe: Recipe): Promise<void>;
  /** Rejects a recipe that does not fit the release that runs. */
  setRecipe(recipe: Recipe): Promise<void>;
  /** What it counted since the release that runs began to; about a second old. */
  proof(): ProofFigures;
}

export interface SelfTestOutcome {
  readonly ok: boolean;
  readonly msPerView: number;
  /** For a person; empty when ok. */
  readonly reason: string;
}

/** Runs the golden views of one variant. Never throws. */
export type SelfTest = (variant: {
  readonly modelFile: string;
  readonly labels: readonly string[];
  readonly inputSize: number;
  readonly golden: string;
  readonly expected: readonly (readonly number[])[];
  readonly tolerance: number;
}) => Promise<SelfTestOutcome>;

/** The manifest of a release, proven to come from the control plane and to be the one that is meant. */
export type FindManifest = (release: ReleaseRef, signal: AbortSignal) => Promise<Uint8Array>;
