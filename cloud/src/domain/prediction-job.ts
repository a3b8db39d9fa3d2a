/** What the worker thread of predictions is asked, and what it answers. */
export interface PredictionJob {
  readonly id: number;
  /** Bytes of an image file. */
  readonly photograph: Uint8Array;
  readonly modelFile: string;
  readonly inputSize: number;
  readonly labelCount: number;
  /** With a less sure outline there is no fruit; of the project's limits. */
  readonly minScore: number;
}

export type PredictionReply = { readonly id: number } & (
  | {
      readonly ok: true;
      readonly probabilities: readonly number[];
      readonly cropPng: string;
      readonly outline: readonly (readonly [number, number])[];
      readonly score: number;
      readonly fill: number;
    }
  | { readonly ok: false; readonly code: 'no-fruit' | 'model-unreadable'; readonly reason: string }
);
