/** What the thread of `embedding-worker.ts` is asked and answers. */
export interface EmbeddingJob {
  /** Of the dataset version. */
  readonly folder: string;
  readonly modelFile: string;
}

export type EmbeddingAnswer =
  /** float32 [images, features]. */
  | { readonly ok: true; readonly rows: Float32Array<ArrayBuffer> }
  | { readonly ok: false; readonly code: 'dataset-damaged' | 'model-unreadable'; readonly reason: string };
