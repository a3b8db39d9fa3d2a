import { type Static, Type } from '@pomona/schema';
import { Digest, Slug } from './ids.ts';
import { Nullable } from './nullable.ts';
import { ErrorCost, Evaluation } from './rest.ts';

const Count = Type.Integer({ minimum: 0 });
const DatasetRef = Type.Object({ name: Slug, digest: Digest });
const Interval = Nullable(Type.Tuple([Type.Number(), Type.Number()]));

export const EvaluatedSplit = Type.Enum(['train', 'validation', 'test', 'all']);
export type EvaluatedSplit = Static<typeof EvaluatedSplit>;

/** `POST /v1/jobs/evaluate`: judges a version on any dataset version. */
export const EvaluateRequest = Type.Object(
  {
    /** `NAME` for the newest version, `NAME@3` or `NAME@champion`. */
    model: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}(@[a-z0-9][a-z0-9-]{0,39})?$' }),
    /** As of `TrainRequest`. */
    dataset: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}(@[0-9a-f]{4,64})?$' }),
    /** `test` unless given. */
    split: Type.Optional(EvaluatedSplit),
  },
  { additionalProperties: false },
);
export type EvaluateRequest = Static<typeof EvaluateRequest>;

/** Its result. */
export const ModelEvaluation = Type.Object({
  model: Type.Object({ name: Slug, version: Type.Integer({ minimum: 1 }) }),
  labels: Type.Array(Slug),
  dataset: DatasetRef,
  split: EvaluatedSplit,
  evaluation: Evaluation,
  /** By the project's costs now; not there in results from before it was kept. */
  errorCost: Type.Optional(ErrorCost),
  /** Of its images, those that the version learned from or was fitted to; null where the dataset of the training is not here any more. */
  seenImages: Nullable(Count),
});
export type ModelEvaluation = Static<typeof ModelEvaluation>;

/** What is left out as a whole: a value of what is known of where images come from. */
export const LeaveOutBy = Type.Enum(['session', 'variety', 'line', 'lot', 'group']);
export type LeaveOutBy = Static<typeof LeaveOutBy>;

/** `POST /v1/jobs/leave-out`: trains once without each value, and judges on it. A model, a dataset, or both must be named. */
export const LeaveOutOrder = Type.Object(
  {
    by: LeaveOutBy,
    /** Trained as this one was, on its dataset unless another is named. As of `EvaluateRequest`. */
    model: Type.Optional(EvaluateRequest.properties.model),
    dataset: Type.Optional(EvaluateRequest.properties.dataset),
    network: Type.Optional(Type.String({ maxLength: 40 })),
    epochs: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 })),
    /** At most so many values, the largest; 12 unless given. */
    folds: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
    /** No training begins after that; 60 unless given. */
    budgetMinutes: Type.Optional(Type.Number({ minimum: 0.01, maximum: 10_000 })),
    /** Trains again also what was trained before with the same inputs. */
    anew: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type LeaveOutOrder = Static<typeof LeaveOutOrder>;

const HeldOut = Type.Object({
  value: Type.String(),
  /** Images that were judged, and their groups. */
  images: Count,
  groups: Count,
  /** That the training learned from. */
  learnedFrom: Count,
  accuracy: Type.Number(),
  accuracyInterval: Interval,
  perClass: Type.Array(
    Type.Object({ label: Slug, cases: Count, recall: Nullable(Type.Number()), recallInterval: Interval }),
  ),
  /** Its run, where it was kept. */
  run: Nullable(Type.Integer({ minimum: 1 })),
  /** Taken from an earlier run with the same inputs. */
  reused: Type.Boolean(),
});

/** `pomona evaluate --leave-out`: trainings that each never saw one value, judged on it. */
export const LeaveOutReport = Type.Object({
  by: LeaveOutBy,
  dataset: DatasetRef,
  network: Type.String(),
  seed: Type.Integer(),
  folds: Type.Array(HeldOut),
  /** Values that were not held out, and why. */
  notHeldOut: Type.Array(Type.Object({ value: Type.String(), images: Count, why: Type.String() })),
  /** Images of which it is not known; every training may learn from them. */
  unknownImages: Count,
  /** Of all that was held out, each judged by the training that never saw its value. */
  pooled: Type.Object({
    cases: Count,
    accuracy: Nullable(Type.Number()),
    /** By drawing whole values anew; null for fewer than 10. */
    accuracyInterval: Interval,
    balancedAccuracy: Nullable(Type.Number()),
    /** [truth][predicted] */
    confusion: Type.Array(Type.Array(Count)),
  }),
  /** Between the values with at least 100 cases of a label; null, insufficient data, where fewer than two have. */
  recallGaps: Type.Array(
    Type.Object({ label: Slug, groups: Count, gap: Nullable(Type.Number()), worst: Nullable(Type.String()) }),
  ),
});
export type LeaveOutReport = Static<typeof LeaveOutReport>;
export type HeldOutFigures = LeaveOutReport['folds'][number];
