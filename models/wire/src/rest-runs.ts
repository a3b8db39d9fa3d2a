import { type Static, Type } from '@pomona/schema';
import { Digest, Instant, Slug } from './ids.ts';
import { Nullable } from './nullable.ts';
import { Evaluation } from './rest.ts';
import { JobEpoch } from './rest-jobs.ts';

const Setting = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);
const Split = Type.Enum(['validation', 'test']);

/** A `trial` is one of `tune`, a `fold` one of `evaluate --leave-out`: both end when they are judged, and leave no files. */
export const TrainingRunKind = Type.Enum(['train', 'calibrate', 'trial', 'fold']);
export type TrainingRunKind = Static<typeof TrainingRunKind>;

/** What the training program computed with. */
export const TrainingEnvironment = Type.Object({
  node: Type.String(),
  platform: Type.String(),
  arch: Type.String(),
  cpu: Type.String(),
  cores: Type.Integer({ minimum: 1 }),
  /** What learned: ONNX Runtime, also where this is not there, or TensorFlow's own library. */
  engine: Type.Optional(Type.Enum(['onnx', 'tensorflow'])),
  packages: Type.Record(Type.String(), Type.String()),
});
export type TrainingEnvironment = Static<typeof TrainingEnvironment>;

/** `GET /v1/training-runs`: one that went through the training program, also where it failed or was cancelled. */
export const TrainingRunSummary = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  /** Of its folder below `runs/`. */
  name: Type.String(),
  kind: TrainingRunKind,
  state: Type.Enum(['running', 'done', 'failed', 'cancelled']),
  /** That it belongs to. */
  job: Type.Integer({ minimum: 1 }),
  startedAt: Instant,
  endedAt: Nullable(Instant),
  dataset: Type.Object({ name: Slug, digest: Digest }),
  network: Type.String(),
  seed: Type.Integer(),
  codeRevision: Type.String(),
  /** The version that was made of it. */
  model: Nullable(Type.Object({ name: Slug, version: Type.Integer({ minimum: 1 }) })),
  /** Epochs that ran. */
  epochs: Type.Integer({ minimum: 0 }),
  /** On its last split: of a trial validation, else what it never saw. */
  accuracy: Nullable(Type.Number()),
  macroF1: Nullable(Type.Number()),
  /** Of all it came to, files and figures; runs with the same one came to the same. Null where it did not end well. */
  digest: Nullable(Digest),
  /** The run that it was to reproduce. */
  reproduces: Nullable(Type.Integer({ minimum: 1 })),
  error: Nullable(Type.String()),
});
export type TrainingRunSummary = Static<typeof TrainingRunSummary>;

/** `GET /v1/training-runs/:id`. */
export const TrainingRunView = Type.Object({
  ...TrainingRunSummary.properties,
  /** What the training program was asked for. */
  asked: Type.Record(Type.String(), Type.Unknown()),
  /** Every setting that shaped the result, also those that nobody asked for; null where it did not come to begin. */
  parameters: Nullable(Type.Record(Type.String(), Setting)),
  environment: Nullable(TrainingEnvironment),
  curve: Type.Array(JobEpoch),
  evaluated: Type.Array(Type.Object({ split: Split, evaluation: Evaluation })),
  artifacts: Type.Array(
    Type.Object({ name: Type.String(), digest: Digest, bytes: Type.Integer({ minimum: 0 }) }),
  ),
});
export type TrainingRunView = Static<typeof TrainingRunView>;

export const runSections = [
  'data',
  'code',
  'environment',
  'platform',
  'parameters',
  'figures',
  'artifacts',
] as const;

/** `GET /v1/training-runs/compare`: two runs side by side. */
export const RunComparison = Type.Object({
  a: TrainingRunSummary,
  b: TrainingRunSummary,
  /** Whether both ended well and came to the same. */
  same: Type.Boolean(),
  /** In the order of the sections: what goes in before what comes out. */
  rows: Type.Array(
    Type.Object({
      section: Type.Enum([...runSections]),
      name: Type.String(),
      a: Nullable(Setting),
      b: Nullable(Setting),
      same: Type.Boolean(),
    }),
  ),
  /** The first epoch whose figures differ; null where none does, of those that both have. */
  curvesPartAt: Nullable(Type.Integer({ minimum: 1 })),
});
export type RunComparison = Static<typeof RunComparison>;
export type ComparedRunValue = RunComparison['rows'][number];

/** The result of a job of the kind `reproduce`. */
export const ReproducedRun = Type.Object({
  run: Type.Integer({ minimum: 1 }),
  /** The one that was made from its record; null where it could not begin. */
  again: Nullable(Type.Integer({ minimum: 1 })),
  verdict: Type.Enum(['same', 'different', 'impossible']),
  /** In words: what differs first, or what is missing. */
  why: Type.String(),
  /** Null unless something was compared. */
  comparison: Nullable(RunComparison),
});
export type ReproducedRun = Static<typeof ReproducedRun>;
