/**
 * What the agent's main thread and its grading worker say to each other. The worker owns the camera, the model and the
 * gate, and writes each fruit's record to the outbox itself; the main thread only tells it what to run and reads figures.
 */
import type { FruitRecord, Recipe, ReleaseRef } from '@pomona/wire';

/** A release that was verified and unpacked on this device. */
export interface RunnableRelease {
  readonly ref: ReleaseRef;
  /** Absolute path of the chosen variant's ONNX file. */
  readonly modelFile: string;
  readonly variant: string;
  readonly labels: readonly string[];
  /** Side of the square input, pixels. */
  readonly inputSize: number;
}

export type ToLine =
  | {
      readonly kind: 'run';
      readonly release: RunnableRelease;
      readonly recipe: Recipe;
    }
  | { readonly kind: 'recipe'; readonly recipe: Recipe }
  | { readonly kind: 'stop' };

export type FromLine =
  | { readonly kind: 'ready' }
  /** The new session grades from now on; no fruit was dropped for it. */
  | { readonly kind: 'running'; readonly release: ReleaseRef }
  | {
      readonly kind: 'run-failed';
      readonly release: ReleaseRef;
      readonly reason: string;
    }
  /** Records were appended to the outbox. */
  | { readonly kind: 'graded'; readonly count: number }
  | { readonly kind: 'figures'; readonly figures: LineFigures }
  | {
      readonly kind: 'camera';
      readonly state: 'running' | 'stopped';
      readonly detail: string;
    }
  | { readonly kind: 'stopped' };

/** Sent every second. Counts are since the worker's start; rates and quantiles of the last ten seconds. */
export interface LineFigures {
  readonly framesPerSecond: number;
  readonly droppedFrames: number;
  readonly fruits: number;
  readonly missedDeadlines: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
}

/** What the outbox keeps of a graded fruit. */
export interface GradedFruit {
  readonly release: ReleaseRef;
  readonly recipeVersion: number;
  readonly labels: readonly string[];
  readonly fruit: FruitRecord;
}
