import { type Static, Type } from '@pomona/schema';
import { GivenInstant } from './given-instant.ts';
import { Digest, Instant, Slug } from './ids.ts';
import { Nullable } from './nullable.ts';

export const FeatureColumn = Type.Object({
  name: Type.String(),
  unit: Type.String(),
  /** What it says, and of what it is computed. */
  about: Type.String(),
});
export type FeatureColumn = Static<typeof FeatureColumn>;

/** A list of columns under one name and version: whatever changes a figure makes a new version. */
export const FeatureSetView = Type.Object({
  /** `name@version` */
  set: Type.String(),
  /** Where its rows come from. */
  source: Type.Union([Type.Literal('dataset'), Type.Literal('station')]),
  about: Type.String(),
  /** What names a row, and what was true of it when it was made. */
  keys: Type.Array(Type.String()),
  columns: Type.Array(FeatureColumn),
});
export type FeatureSetView = Static<typeof FeatureSetView>;

/** Keys and columns of the set by name; null where a row has no such figure. */
export const FeatureRow = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Null()]));
export type FeatureRow = Static<typeof FeatureRow>;

export const FeaturePage = Type.Object({
  set: Type.String(),
  /** Images in the order of the dataset version, the others in the order of arrival. */
  rows: Type.Array(FeatureRow),
  /** `after` of the next page; null when this is the last. */
  next: Nullable(Type.Integer({ minimum: 0 })),
  /** With labels: the instant whose labels these are, which pages that follow must name to be of the same. */
  asOf: Type.Optional(Instant),
});
export type FeaturePage = Static<typeof FeaturePage>;

/** `GET /v1/features/importance`: what shuffling a figure of pictures costs a vote of nearest neighbours. */
export const FeatureImportance = Type.Object({
  dataset: Type.Object({ name: Slug, digest: Digest }),
  set: Type.String(),
  /** Of the vote, on images outside the train split. */
  accuracy: Type.Number(),
  /** Images that vote, that are voted on, and the groups of these. */
  known: Type.Integer({ minimum: 0 }),
  judged: Type.Integer({ minimum: 0 }),
  groups: Type.Integer({ minimum: 0 }),
  /** What the intervals are drawn over beside the repeats: groups, or single images where there are few groups. */
  drawnBy: Type.Enum(['group', 'image']),
  repeats: Type.Integer({ minimum: 1 }),
  /** Most important first. */
  features: Type.Array(
    Type.Object({
      name: Type.String(),
      /** Accuracy lost, mean of the repeats, and the interval of 95 % over repeats and groups. */
      mean: Type.Number(),
      low: Type.Number(),
      high: Type.Number(),
      /** A point at most by the upper end of the interval, of 100 images or more; what is merely uncertain is none. */
      candidateToDrop: Type.Boolean(),
    }),
  ),
});
export type FeatureImportance = Static<typeof FeatureImportance>;

/** `GET /v1/features`. */
export const FeatureQuery = Type.Object(
  {
    /** `NAME` or `NAME@VERSION`; the images of a dataset, else the graded fruits, unless named. Of `embedding` a version is a model's digest, 12 digits or more. */
    set: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}(@([0-9]{1,4}|[0-9a-f]{12,64}))?$' })),
    dataset: Type.Optional(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}(@[0-9a-f]{4,64})?$' })),
    /** Whose areas of defects and embedding: `NAME`, `NAME@VERSION` or `NAME@ALIAS`. */
    model: Type.Optional(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}(@[a-z0-9][a-z0-9-]{0,39})?$' })),
    /** All stations unless named. */
    station: Type.Optional(Slug),
    /** Of what came in from then on. */
    from: Type.Optional(GivenInstant),
    /** Of what came in before. */
    to: Type.Optional(GivenInstant),
    /** Of graded fruit: beside each the label that it had. */
    withLabels: Type.Optional(Type.Boolean()),
    /** What was known then, and nothing that came in or was said later; now unless given. */
    asOf: Type.Optional(GivenInstant),
    after: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Rows of a page of JSON, 1,000 unless given; CSV and Parquet are all of them unless given. */
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    /** As the `Accept` header says unless given. */
    format: Type.Optional(Type.Enum(['json', 'csv', 'parquet'])),
  },
  { additionalProperties: false },
);
export type FeatureQuery = Static<typeof FeatureQuery>;
