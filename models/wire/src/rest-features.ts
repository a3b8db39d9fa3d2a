import { type Static, Type } from '@pomona/schema';
import { Instant, Slug } from './ids.ts';
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
});
export type FeaturePage = Static<typeof FeaturePage>;

/** `GET /v1/features`. */
export const FeatureQuery = Type.Object(
  {
    /** `NAME` or `NAME@VERSION`; the images of a dataset, else the graded fruits, unless named. */
    set: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}(@[0-9]{1,4})?$' })),
    dataset: Type.Optional(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}(@[0-9a-f]{4,64})?$' })),
    /** All stations unless named. */
    station: Type.Optional(Slug),
    /** Of what came in from then on. */
    from: Type.Optional(Instant),
    /** Of what came in before. */
    to: Type.Optional(Instant),
    after: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Rows of a page of JSON, 1,000 unless given; CSV is all of them unless given. */
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    /** As the `Accept` header says unless given. */
    format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('csv')])),
  },
  { additionalProperties: false },
);
export type FeatureQuery = Static<typeof FeatureQuery>;
