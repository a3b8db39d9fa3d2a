import type { Explanation, Prediction, Standardise } from '@pomona/wire';
import type { PhotographFault } from './photograph-faults.ts';

/** What the worker thread of predictions is asked, and what it answers. */
export type PredictionJob = {
  readonly id: number;
  readonly modelFile: string;
  readonly inputSize: number;
  readonly labels: readonly string[];
} & (
  | {
      /** Bytes of an image file. */
      readonly photograph: Uint8Array;
      /** With a less sure outline there is no fruit; of the project's limits. */
      readonly minScore: number;
      /** Of the model: what is done to the crop's colours. */
      readonly standardise?: Standardise | undefined;
    }
  /** uint8 [inputSize, inputSize, 3]. */
  | { readonly crop: Uint8Array }
);

/** What a model says of one crop. */
export interface CropView {
  /** In the order of the model's labels. */
  readonly probabilities: readonly number[];
  /** Base64. */
  readonly cropPng: string;
  readonly explanation?: Explanation;
}

export interface PhotographView extends CropView {
  readonly outline: readonly (readonly [number, number])[];
  readonly cropPlace: Prediction['seen']['cropPlace'];
  readonly score: number;
  /** Share of the picture that the fruit fills. */
  readonly fill: number;
}

export type PredictionReply = { readonly id: number } & (
  | { readonly ok: true; readonly view: CropView | PhotographView }
  | { readonly ok: false; readonly code: PhotographFault | 'model-unreadable'; readonly reason: string }
);
