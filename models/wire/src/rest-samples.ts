import { type Static, Type } from '@pomona/schema';
import { Digest, Instant, Slug } from './ids.ts';
import { ReleaseRef, sampleReasons } from './payloads.ts';

const Count = Type.Integer({ minimum: 0 });

/** A fruit whose views a station sent; its picture is `/v1/samples/:id/image.png`. */
export const SampleView = Type.Object({
  id: Count,
  site: Slug,
  line: Slug,
  station: Slug,
  at: Instant,
  receivedAt: Instant,
  release: ReleaseRef,
  labels: Type.Array(Slug),
  size: Count,
  views: Count,
  reason: Type.Enum([...sampleReasons]),
  /** (station, boot, seq) names the graded fruit, `positionMm` is null until it is stored. */
  fruit: Type.Object({
    boot: Type.String(),
    seq: Count,
    lane: Count,
    grade: Slug,
    positionMm: Type.Union([Type.Number(), Type.Null()]),
  }),
  probabilities: Type.Array(Type.Number()),
  /** 1 less the largest probability. */
  uncertainty: Type.Number(),
  /** SHA-256 of uint8 [views, size, size, 3]. */
  pixels: Digest,
  label: Type.Union([Slug, Type.Null()]),
  labelledAt: Type.Union([Instant, Type.Null()]),
  labelledBy: Type.Union([Type.String(), Type.Null()]),
});
export type SampleView = Static<typeof SampleView>;

export const SampleQuery = Type.Object({
  state: Type.Optional(Type.Enum(['unlabelled', 'labelled'])),
  order: Type.Optional(Type.Enum(['uncertain', 'newest'])),
  station: Type.Optional(Slug),
  /** The name of the model that graded it. */
  model: Type.Optional(Slug),
  reason: Type.Optional(Type.Enum([...sampleReasons])),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
});
export type SampleQuery = Static<typeof SampleQuery>;

/** `counts` are of all samples of the query's station, model and reason, whatever its state and limit. */
export const SampleList = Type.Object({
  samples: Type.Array(SampleView),
  counts: Type.Object({ labelled: Count, unlabelled: Count }),
});
export type SampleList = Static<typeof SampleList>;

/** `null` takes the label back. */
export const LabelRequest = Type.Object({ label: Type.Union([Slug, Type.Null()]) });
export type LabelRequest = Static<typeof LabelRequest>;

export const LabelEntry = Type.Object({
  at: Instant,
  actor: Type.String(),
  label: Type.Union([Slug, Type.Null()]),
});
export type LabelEntry = Static<typeof LabelEntry>;
