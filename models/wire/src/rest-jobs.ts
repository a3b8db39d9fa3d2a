import { type Static, Type } from '@pomona/schema';
import { Digest, Instant, Slug } from './ids.ts';
import { Nullable } from './nullable.ts';

export const JobKind = Type.Union([
  Type.Literal('train'),
  Type.Literal('retrain'),
  Type.Literal('tune'),
  Type.Literal('calibrate'),
  Type.Literal('evaluate'),
  Type.Literal('reproduce'),
]);
export type JobKind = Static<typeof JobKind>;

export const JobState = Type.Union([
  Type.Literal('queued'),
  Type.Literal('running'),
  Type.Literal('done'),
  Type.Literal('failed'),
  Type.Literal('cancelled'),
]);
export type JobState = Static<typeof JobState>;

/** One pass over the train split, and what it gave on validation. Accuracies are shares. */
export const JobEpoch = Type.Object({
  epoch: Type.Integer({ minimum: 1 }),
  loss: Type.Number(),
  accuracy: Type.Number(),
  /** Null when it is beyond all numbers, as it may be after a first short epoch. */
  validationLoss: Nullable(Type.Number()),
  validationAccuracy: Type.Number(),
});
export type JobEpoch = Static<typeof JobEpoch>;

/** A training of whatever kind, wherever it was started. */
export const JobView = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  kind: JobKind,
  state: JobState,
  createdAt: Instant,
  startedAt: Nullable(Instant),
  endedAt: Nullable(Instant),
  /** Its last sign of life, of which it gives one every two seconds while it runs; null where it has not begun. */
  heardAt: Nullable(Instant),
  actor: Type.String(),
  request: Type.Record(Type.String(), Type.Unknown()),
  epochs: Type.Array(JobEpoch),
  /** For `train`, `retrain` and `calibrate` a `MadeVersion`; for `tune` a `TuneResult`; for `evaluate` a `ModelEvaluation` or a `LeaveOutReport`; for `reproduce` a `ReproducedRun`. Null until there is something. */
  result: Type.Unknown(),
  error: Nullable(Type.String()),
});
export type JobView = Static<typeof JobView>;

/** Of the result of a job that made a version; what it has beside that says the kind of the job. */
export const MadeVersion = Type.Object({
  name: Slug,
  version: Type.Integer({ minimum: 1 }),
  digest: Digest,
  /** Not there in results from before they were kept. */
  failedGates: Type.Optional(Type.Array(Type.String())),
});
export type MadeVersion = Static<typeof MadeVersion>;

/** For the log of the model. */
const Reason = Type.String({ minLength: 3, maxLength: 500 });

/** `POST /v1/jobs/calibrate`: a new version of a model, its probabilities fitted to the photographs of a dataset. */
export const CalibrateRequest = Type.Object(
  {
    /** `NAME` for the newest version, `NAME@3` or `NAME@champion`. */
    model: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}(@[a-z0-9][a-z0-9-]{0,39})?$' }),
    /** As of `TrainRequest`. */
    dataset: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}(@[0-9a-f]{4,64})?$' }),
    reason: Type.Optional(Reason),
  },
  { additionalProperties: false },
);
export type CalibrateRequest = Static<typeof CalibrateRequest>;

/** What learns: `onnx` is ONNX Runtime, which comes with Pomona, `tensorflow` is `@tensorflow/tfjs-node` where it is installed, `auto` is `onnx`. */
export const EngineChoice = Type.Enum(['auto', 'onnx', 'tensorflow']);
export type EngineChoice = Static<typeof EngineChoice>;
export const engineChoices: readonly EngineChoice[] = ['auto', 'onnx', 'tensorflow'];

/** `GET /v1/networks`: what can be trained. */
export const NetworkView = Type.Object({
  name: Type.String(),
  summary: Type.String(),
  /** Taken where none is named. */
  isDefault: Type.Boolean(),
});
export type NetworkView = Static<typeof NetworkView>;

/** `POST /v1/jobs/train`: trains and registers a new version of `name`. */
export const TrainRequest = Type.Object(
  {
    /** A dataset's name for its newest version, or that and `@` and the start of a digest. */
    dataset: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}(@[0-9a-f]{4,64})?$' }),
    name: Slug,
    network: Type.Optional(Type.String({ maxLength: 40 })),
    epochs: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    minutes: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 10_000 })),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 })),
    /** Settings that differ from the catalog's recipe, by the names that a version's parameters have: `{"labelSmoothing": 0.1, "augmentation": {"blur": 0.8}}`. */
    recipe: Type.Optional(Type.Record(Type.String({ maxLength: 40 }), Type.Unknown())),
    /** The version to go on from, as of `CalibrateRequest`; its grades, network and crops must be the dataset's. */
    from: Type.Optional(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}(@[a-z0-9][a-z0-9-]{0,39})?$' })),
    /** `auto` unless given. */
    engine: Type.Optional(EngineChoice),
    /** Changes nothing any more: a training that was killed is always gone on from where it was. */
    resume: Type.Optional(Type.Boolean()),
    reason: Type.Optional(Reason),
  },
  { additionalProperties: false },
);
export type TrainRequest = Static<typeof TrainRequest>;
