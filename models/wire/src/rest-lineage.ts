import { type Static, Type } from '@pomona/schema';
import { Digest, Instant, Slug } from './ids.ts';
import { Nullable } from './nullable.ts';
import { Labelled, Provenance } from './rest-datasets.ts';
import { StationRun } from './rest-registry.ts';

const Count = Type.Integer({ minimum: 0 });
const DatasetKey = Type.Object({ name: Slug, digest: Digest });

/** `GET /v1/lineage?…`: one of them. */
export const LineageQuery = Type.Partial(
  Type.Object({
    /** SHA-256 of its file or its crop, or the first eight digits or more, or its path in the dataset. */
    photograph: Type.String({ minLength: 1, maxLength: 1_000 }),
    /** `NAME` for the newest, or `NAME@DIGEST`, where the first digits will do. */
    dataset: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}(@[0-9a-f]{4,64})?$' }),
    /** `NAME` for the newest, `NAME@VERSION` or `NAME@ALIAS`. */
    model: Type.String({ pattern: '^[a-z0-9-]{1,64}(@[a-z0-9-]{1,64})?$' }),
  }),
  { additionalProperties: false },
);
export type LineageQuery = Static<typeof LineageQuery>;

/** A photograph in a dataset version. */
export const LineagePhotograph = Type.Object({
  dataset: DatasetKey,
  path: Type.String(),
  /** Of the crop, and of the file where that was kept. */
  digest: Digest,
  original: Nullable(Digest),
  grade: Type.String(),
  split: Type.Enum(['train', 'validation', 'test']),
  group: Type.String(),
  labelled: Nullable(Labelled),
  about: Nullable(Provenance),
});
export type LineagePhotograph = Static<typeof LineagePhotograph>;

/** What a version has to do with what was asked for. */
export const LineageLink = Type.Object({
  /**
   * It learnt from it; was stopped and scaled by it (`validated`); was judged by it (`tested`); is `calibrated` on it; or
   * went on from the weights of a version that has to do with it.
   */
  as: Type.Enum(['learnt', 'validated', 'tested', 'calibrated', 'went-on']),
  /** The dataset version or the model version. */
  from: Type.String(),
});
export type LineageLink = Static<typeof LineageLink>;

export const LineageModel = Type.Object({
  name: Slug,
  version: Type.Integer({ minimum: 1 }),
  digest: Digest,
  createdAt: Instant,
  /** `before`: the model that was asked for went on from it. `after`: what was asked for reached it. */
  place: Type.Enum(['before', 'itself', 'after']),
  links: Type.Array(LineageLink),
  aliases: Type.Array(Slug),
});
export type LineageModel = Static<typeof LineageModel>;

/** `GET /v1/lineage`: from photographs to stations and back, along what is recorded. */
export const Lineage = Type.Object({
  of: Type.Object({ kind: Type.Enum(['photograph', 'dataset', 'model']), name: Type.String() }),
  photographs: Type.Array(LineagePhotograph),
  /** Where it was refused: nothing learnt from it there. */
  quarantined: Type.Array(Type.Object({ dataset: DatasetKey, path: Type.String(), reason: Type.String() })),
  datasets: Type.Array(
    Type.Object({
      ...{ name: Slug, digest: Digest, createdAt: Instant, source: Type.String() },
      ...{ images: Count, groups: Count },
    }),
  ),
  /** Oldest first. */
  models: Type.Array(LineageModel),
  /** Where and when the model, or those after it, ran; oldest first. */
  runs: Type.Array(StationRun),
  /** Dataset versions whose list of images could not be read: what they hold is not in this answer. */
  unreadable: Type.Array(Type.Object({ ...DatasetKey.properties, why: Type.String() })),
});
export type Lineage = Static<typeof Lineage>;
