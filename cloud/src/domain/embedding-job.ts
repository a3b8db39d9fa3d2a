/** Figures that say what they are. */
export interface NamedFigures {
  readonly columns: readonly string[];
  /** float32 [images, columns]. */
  readonly rows: Float32Array<ArrayBuffer>;
}

/** What the thread of `embedding-worker.ts` is asked and answers. */
export interface EmbeddingJob {
  /** Of the dataset version. */
  readonly folder: string;
  readonly modelFile: string;
}

export type EmbeddingAnswer =
  | ({ readonly ok: true } & NamedFigures)
  | { readonly ok: false; readonly code: 'dataset-damaged' | 'model-unreadable'; readonly reason: string };
