import { type Static, Type } from '@pomona/schema';
import { ReleaseRef } from './envelope.ts';
import { GivenInstant } from './given-instant.ts';
import { Digest, Instant, Slug } from './ids.ts';
import { Nullable } from './nullable.ts';
import { sampleReasons } from './payloads.ts';
import { AcceptRequest, Provenance } from './rest-datasets.ts';

const Count = Type.Integer({ minimum: 0 });
const Share = Type.Number({ minimum: 0, maximum: 1 });

/**
 * Where a label stands with a second person: `none` is not asked of anybody, `wanted` waits for one, `agreed` has one who said the
 * same, `disputed` has one who did not, `settled` was decided, and `unresolved` cannot be told. No model learns from the disputed and
 * the unresolved.
 */
export const sampleReviews = ['none', 'wanted', 'agreed', 'disputed', 'settled', 'unresolved'] as const;
export type SampleReview = (typeof sampleReviews)[number];

/** Why a fruit is there to be labelled: what a station sampled it for, or that somebody imported its photograph. */
export const labelReasons = [...sampleReasons, 'photograph'] as const;

/** (station, boot, seq) names the graded fruit, `positionMm` is null until it is stored. */
const SampledFruit = Type.Object({
  boot: Type.String(),
  seq: Count,
  lane: Count,
  grade: Slug,
  positionMm: Type.Union([Type.Number(), Type.Null()]),
});

/** A photograph that was imported to be labelled; as it came it is `/v1/samples/:id/photograph.jpg`. */
export const SampledPhotograph = Type.Object({
  /** For which it was imported. */
  dataset: Slug,
  /** As it was called in its folder. */
  path: Type.String(),
  group: Type.String(),
  /** SHA-256 of the file. */
  original: Digest,
  about: Type.Optional(Provenance),
  /** Why it was quarantined, null when it was not; whoever grades it takes it all the same. */
  refused: Nullable(Type.String()),
});
export type SampledPhotograph = Static<typeof SampledPhotograph>;

/** A fruit whose views a station sent, or whose photograph was imported; its picture is `/v1/samples/:id/image.png`. */
export const SampleView = Type.Object({
  id: Count,
  /** Null of a photograph, as all that a station alone can tell: `release`, `fruit`. */
  site: Nullable(Slug),
  line: Nullable(Slug),
  station: Nullable(Slug),
  at: Instant,
  receivedAt: Instant,
  release: Nullable(ReleaseRef),
  labels: Type.Array(Slug),
  size: Count,
  views: Count,
  reason: Type.Enum([...labelReasons]),
  fruit: Nullable(SampledFruit),
  /** Null of what a station sent. */
  photograph: Nullable(SampledPhotograph),
  /** Of `labels`; none of a photograph, which no model has seen. */
  probabilities: Type.Array(Type.Number()),
  /** 1 less the largest probability. */
  uncertainty: Type.Number(),
  /** SHA-256 of uint8 [views, size, size, 3]. */
  pixels: Digest,
  /** Null as well while a second person is wanted, for all but who gave it: whoever that will be must not know it. */
  label: Nullable(Slug),
  labelledAt: Nullable(Instant),
  labelledBy: Nullable(Type.String()),
  review: Type.Enum([...sampleReviews]),
  /** What a second person said without knowing the first label; null in `none` and `wanted`. */
  second: Nullable(Type.Object({ label: Slug, by: Type.String() })),
  /** Of how many views each of `labels` was the likeliest; null where the station did not tell. */
  viewVotes: Nullable(Type.Array(Count)),
  /** That ran silently beside the model and gave the fruit another grade; null for all but such fruit. */
  candidate: Nullable(Type.Object({ name: Slug, version: Type.Integer({ minimum: 1 }), grade: Slug })),
  /** With `order=queue`: how much its label helps, and why in words. */
  queue: Type.Optional(Type.Object({ score: Share, why: Type.Array(Type.String()) })),
});
export type SampleView = Static<typeof SampleView>;

/** What a station sent. */
export type StationSample = SampleView & {
  readonly [key in 'site' | 'line' | 'station' | 'release' | 'fruit']: NonNullable<SampleView[key]>;
};

export function isOfStation(sample: SampleView): sample is StationSample {
  return sample.fruit !== null;
}

export const SampleQuery = Type.Object({
  /** `second`: those that want an opinion of whoever asks. `quarantined`: photographs that nobody graded in spite of what is wrong with them. */
  state: Type.Optional(
    Type.Enum(['unlabelled', 'labelled', 'second', 'disputed', 'unresolved', 'quarantined']),
  ),
  /** `queue`: of the unlabelled, what helps most first. */
  order: Type.Optional(Type.Enum(['queue', 'uncertain', 'newest'])),
  station: Type.Optional(Slug),
  /** The name of the model that graded it. */
  model: Type.Optional(Slug),
  reason: Type.Optional(Type.Enum([...labelReasons])),
  /** Photographs that were imported for it. */
  dataset: Type.Optional(Slug),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
});
export type SampleQuery = Static<typeof SampleQuery>;

/** `counts` and `reviews` are of all samples of the query's station, model, reason and dataset, whatever its state and limit. */
export const SampleList = Type.Object({
  samples: Type.Array(SampleView),
  /** What is quarantined is not among the unlabelled. */
  counts: Type.Object({ labelled: Count, unlabelled: Count, quarantined: Count }),
  /** `second`: those that want an opinion of whoever asks. */
  reviews: Type.Object({ second: Count, disputed: Count, unresolved: Count }),
});
export type SampleList = Static<typeof SampleList>;

/** Of fruit that nobody labelled yet; `null` takes a label back. */
export const LabelRequest = Type.Object({
  label: Nullable(Slug),
  /** Refuses when somebody labelled it meanwhile, instead of putting this label in place of theirs. */
  unlessLabelled: Type.Optional(Type.Boolean()),
});
export type LabelRequest = Static<typeof LabelRequest>;

/** `null` takes the opinion back. */
export const OpinionRequest = Type.Object({ label: Nullable(Slug) });
export type OpinionRequest = Static<typeof OpinionRequest>;

/** `null`: what it is cannot be told. */
export const DecisionRequest = Type.Object({ label: Nullable(Slug) });
export type DecisionRequest = Static<typeof DecisionRequest>;

export const labelKinds = ['label', 'second', 'decision'] as const;
export type LabelKind = (typeof labelKinds)[number];

/** `import`: by the folder or the `index.csv`. `unrecorded`: said before this was kept. */
export const labelSources = [
  'console',
  'api',
  'command-line',
  'operator-page',
  'scenario-truth',
  'import',
  'unrecorded',
] as const;
export type LabelSource = (typeof labelSources)[number];

/** One thing that was said of a sample; entries are added, never changed. */
export const LabelEntry = Type.Object({
  at: Instant,
  actor: Type.String(),
  kind: Type.Enum([...labelKinds]),
  source: Type.Enum([...labelSources]),
  label: Nullable(Slug),
  /** The label that held until then. */
  before: Nullable(Slug),
  /** There is a label, which whoever asks must not know while a second person is wanted. */
  hidden: Type.Optional(Type.Literal(true)),
});
export type LabelEntry = Static<typeof LabelEntry>;

const agreement = {
  /** That two people labelled, the second without knowing the first label. */
  fruits: Count,
  agreed: Count,
  /** Cohen's κ, and its 95 % interval; null with too few fruits, or where only one grade was ever given. */
  kappa: Nullable(Type.Number()),
  interval: Nullable(Type.Tuple([Type.Number(), Type.Number()])),
  verdict: Type.Enum(['insufficient-data', 'one-grade', 'poor', 'moderate', 'good', 'very-good']),
  /** The two grades between which most of the disagreements are. */
  mostly: Nullable(Type.Object({ grades: Type.Tuple([Slug, Slug]), fruits: Count })),
  /** All of it for a person. */
  words: Type.String(),
};

/** `GET /v1/samples/agreement`. */
export const LabelAgreement = Type.Object({
  /** With fewer nothing is said. */
  fruitsMin: Count,
  overall: Type.Object(agreement),
  /** Those with most fruit first. */
  pairs: Type.Array(Type.Object({ people: Type.Tuple([Type.String(), Type.String()]), ...agreement })),
});
export type LabelAgreement = Static<typeof LabelAgreement>;

/** `GET /v1/photographs`: how far the photographs that were imported for a dataset are labelled. */
export const PhotographCounts = Type.Object({
  dataset: Slug,
  photographs: Count,
  labelled: Count,
  unlabelled: Count,
  /** No model learns from them: two people differ, or it cannot be told. */
  disputed: Count,
  /** What nobody graded in spite of what is wrong with it. */
  quarantined: Count,
});
export type PhotographCounts = Static<typeof PhotographCounts>;

/** `POST /v1/datasets/:name/freeze` */
export const FreezeRequest = Type.Object(
  {
    /** The labels that held then; those that hold now unless given. */
    labelsAt: Type.Optional(GivenInstant),
    /** Side of the model’s input; as the photographs were cut out unless given. */
    size: Type.Optional(Type.Integer({ minimum: 16, maximum: 512 })),
    /** Fixes the split; 1 unless given. */
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 })),
    /** What was quarantined and has a grade, to be taken all the same. */
    accept: Type.Optional(AcceptRequest),
  },
  { additionalProperties: false },
);
export type FreezeRequest = Static<typeof FreezeRequest>;
