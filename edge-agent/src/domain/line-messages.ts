/**
 * What the agent's main thread and its grading worker say to each other. The worker owns the camera, the model and the
 * gate, and writes each fruit's record to the outbox itself; the main thread only tells it what to run and reads figures.
 */
import type { EncoderConfig, GateConfig } from '@pomona/firmware-config';
import type { LineGeometry } from '@pomona/grading';
import type {
  CameraState,
  FruitRecord,
  GateState,
  RecentFruits,
  Recipe,
  ReleaseRef,
  SampleLabel,
  Standardise,
} from '@pomona/wire';
import type { CalibrationInUse } from './camera-health.ts';
import type { CameraSource } from './camera-source.ts';
import type { ReleaseFigures } from './probation.ts';
import type { SamplingRules } from './sampler.ts';
import type { OfferedFruit, ShadowMemory } from './shadow-messages.ts';
import type { BeltColour } from './statistics-window.ts';

/** What a worker is made of; the same for its whole life (its `workerData`). */
export interface LineSetup {
  readonly boot: string;
  /** `counter` is the `shared` of the agent's `OutboxCounter`. */
  readonly outbox: {
    readonly file: string;
    readonly counter: SharedArrayBuffer;
    readonly limitBytes?: number;
    readonly sampleLimitBytes?: number;
  };
  /** Started with the first release. */
  readonly camera: CameraSource;
  /** Says the belt's travel instead of the camera. */
  readonly encoder?: EncoderConfig | undefined;
  readonly geometry: LineGeometry;
  /** Where `geometry` is from. */
  readonly calibration?: CalibrationInUse | undefined;
  /** `leadMs`: how long before a fruit is at its gate the shot must be given. */
  readonly gate: { readonly config: GateConfig; readonly leadMs: number };
  readonly sampling: SamplingRules;
  /** How many fruits are judged together. */
  readonly statistics: { readonly windowFruits: number };
  /** Somebody may look at the line: decided fruit is told of, and the views of some of it are kept. */
  readonly isShown?: boolean;
}

/** A release that was verified and unpacked on this device. */
export interface RunnableRelease {
  readonly ref: ReleaseRef;
  /** Absolute path of the chosen variant's ONNX file. */
  readonly modelFile: string;
  readonly variant: string;
  readonly labels: readonly string[];
  /** Side of the square input, pixels. */
  readonly inputSize: number;
  /** What is done to the colours of its crops. */
  readonly standardise?: Standardise;
}

export type ToLine =
  | {
      readonly kind: 'run';
      readonly release: RunnableRelease;
      readonly recipe: Recipe;
    }
  | { readonly kind: 'recipe'; readonly recipe: Recipe }
  | { readonly kind: 'pause'; readonly isPaused: boolean }
  /** Decided fruit is handed over there from now on (`offered`); undefined: no more. */
  | { readonly kind: 'shadow'; readonly memory: ShadowMemory | undefined }
  /** Copies the next frame that was graded into `pixels`, which holds one, and answers `looked`. */
  | { readonly kind: 'look'; readonly pixels: SharedArrayBuffer }
  /** Answers `views`; the fruit is kept a while longer. */
  | { readonly kind: 'views'; readonly seq: number }
  /** A person says of a shown fruit what it is: becomes a sample with that label. Answers `corrected`. */
  | { readonly kind: 'correct'; readonly seq: number; readonly label: SampleLabel }
  | { readonly kind: 'stop' };

/** What only a shown line answers. */
export type LineQuestion = Extract<ToLine, { kind: 'look' | 'views' | 'correct' }>;

export type FromLine =
  | { readonly kind: 'ready' }
  /** The new session grades from now on; no fruit was dropped for it. */
  | {
      readonly kind: 'running';
      readonly release: ReleaseRef;
      /** Its model draws a map of defects. */
      readonly seesDefects?: boolean;
    }
  | {
      readonly kind: 'run-failed';
      readonly release: ReleaseRef;
      readonly reason: string;
    }
  /** Records were appended to the outbox. */
  | { readonly kind: 'graded'; readonly count: number }
  | { readonly kind: 'figures'; readonly figures: LineReport }
  /** Said at every change, and once more per cause while it lasts; `stopped` is followed by a restart. */
  | {
      readonly kind: 'camera';
      readonly state: 'running' | 'stopped';
      readonly detail: string;
    }
  /**
   * Something went wrong and the line goes on: a record that could not be stored, a line on the camera's standard
   * error, a gate that does not answer, a worker that is started again. Once per cause.
   */
  | { readonly kind: 'trouble'; readonly code: string; readonly message: string }
  /** Of each fruit, only where the line is shown; `shown` for those whose views are kept. */
  | {
      readonly kind: 'decided';
      readonly grade: string;
      readonly outcome: FruitRecord['outcome'];
      readonly shown?: ShownFruit;
    }
  /** For a candidate that runs silently; its crops are in the place that it names. */
  | { readonly kind: 'offered'; readonly fruit: OfferedFruit }
  | { readonly kind: 'looked'; readonly seq: number; readonly fruit: readonly FruitOnPicture[] }
  /** uint8 [size, size, 3] each, RGB, in the order of capture; none when the fruit is kept no more. */
  | {
      readonly kind: 'views';
      readonly seq: number;
      readonly size: number;
      readonly crops: readonly Uint8Array[];
    }
  /** `problem` when it could not be stored. */
  | { readonly kind: 'corrected'; readonly seq: number; readonly problem?: string }
  | { readonly kind: 'stopped' };

/** A fruit as a picture of the line shows it, pixels of the frame. */
export interface FruitOnPicture {
  readonly lane: number;
  readonly xPx: number;
  readonly yPx: number;
  readonly radiusPx: number;
  readonly isDecided: boolean;
  /** It got no grade of its own since grading is paused, or would get none now. */
  readonly isPaused: boolean;
  /** What was decided, or what it looks like so far; undefined before the first view. */
  readonly grade: string | undefined;
}

/** A decided fruit that a person may look at. */
export interface ShownFruit {
  readonly seq: number;
  readonly lane: number;
  readonly grade: string;
  readonly outcome: FruitRecord['outcome'];
  /** It went where fruit goes that nobody vouches for (`isReject`). */
  readonly isReject: boolean;
  /** Why it got its grade, in words. */
  readonly reason: string;
  readonly diameterMm: number;
  /** Of the model: what a person may say that it is. */
  readonly labels: readonly string[];
  readonly size: number;
  /** uint8 [size, size, 3], RGB, from the middle of its passage; undefined when it was not seen. */
  readonly view: Uint8Array | undefined;
  /** Of the belt between fruit, as it is seen now; undefined when none is. */
  readonly belt: BeltColour | undefined;
}

/** How the line does, with what stands beside the grading. */
export interface LineReport extends LineFigures {
  /** Undefined before the camera is started. */
  readonly camera?: CameraState | undefined;
  /** Undefined where shots are only written down. */
  readonly gates?: GateState | undefined;
}

/** Sent every second. Counts are since the worker's start; rates and quantiles of the last ten seconds. */
export interface LineFigures {
  readonly framesPerSecond: number;
  readonly droppedFrames: number;
  /** How long the frame in hand has been worked at, milliseconds; 0 for none. */
  readonly frameForMs: number;
  readonly fruits: number;
  readonly missedDeadlines: number;
  /** Fruits whose record could not be stored; they got their shot. */
  readonly lostRecords: number;
  /** What passed and was a leaf, a cup, a hand; not among `fruits`. */
  readonly notFruit?: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number };
  /** Of the release that grades new fruit; undefined before there is one. */
  readonly release: ReleaseFigures | undefined;
  /** Of the same release; over far more than ten seconds. */
  readonly recent: RecentFruits | undefined;
}

/** What the outbox keeps of a graded fruit. */
export interface GradedFruit {
  readonly release: ReleaseRef;
  readonly recipeVersion: number;
  readonly labels: readonly string[];
  readonly fruit: FruitRecord;
}
