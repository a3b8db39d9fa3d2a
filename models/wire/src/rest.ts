import { type Static, Type } from '@pomona/schema';
import { ReleaseRef } from './envelope.ts';
import { Digest, Instant, Slug } from './ids.ts';
import { Nullable } from './nullable.ts';
import { FruitRecord, Health, Reported, Status } from './payloads.ts';
import { Recipe } from './recipe.ts';
import { AlertView } from './rest-alerts.ts';
import { Acceptance, ImageLimits, QuarantinedImage } from './rest-datasets.ts';
import { HeldAgainst } from './rest-held-against.ts';
import { Gate } from './rest-registry.ts';
import { Standardise } from './standardise.ts';

const Count = Type.Integer({ minimum: 0 });
const Metric = Type.Number();

/** Every answer of 4xx and 5xx. */
export const Problem = Type.Object({
  code: Type.String(),
  message: Type.String(),
  hint: Type.String(),
});
export type Problem = Static<typeof Problem>;

export const GradeCount = Type.Object({ grade: Slug, count: Count });

/** `stale`: connected, yet its health is overdue. `never-seen`: claimed or enrolled, no word yet. */
export const stationConditions = ['online', 'stale', 'offline', 'never-seen'] as const;
export type StationCondition = (typeof stationConditions)[number];

export const StationView = Type.Object({
  site: Slug,
  line: Slug,
  station: Slug,
  enrolledAt: Nullable(Instant),
  lastSeenAt: Nullable(Instant),
  /** When the view was made. */
  condition: Type.Enum([...stationConditions]),
  status: Nullable(Status),
  reported: Nullable(Reported),
  health: Nullable(Health),
  desired: Nullable(
    Type.Object({
      counter: Count,
      release: Nullable(ReleaseRef),
      at: Instant,
      /** In full by `GET /v1/stations/{station}/recipe`. */
      recipe: Type.Optional(Type.Object({ name: Nullable(Slug), version: Type.Integer({ minimum: 1 }) })),
      /** What it should run silently beside its release. */
      shadow: Type.Optional(Type.Object({ rollout: Type.Integer({ minimum: 1 }), release: ReleaseRef })),
    }),
  ),
  fruits: Count,
  fruitsPerSecond: Metric,
  grades: Type.Array(GradeCount),
});
export type StationView = Static<typeof StationView>;

export const StoredFruit = Type.Object({
  ...FruitRecord.properties,
  site: Slug,
  line: Slug,
  station: Slug,
  boot: Type.String(),
  releaseDigest: Digest,
  labels: Type.Array(Slug),
  receivedAt: Instant,
});
export type StoredFruit = Static<typeof StoredFruit>;

/** Bounds of 95 % by bootstrap: over groups where there are ten or more, else over cases. */
const Interval = Type.Tuple([Metric, Metric]);

export const ClassMetrics = Type.Object({
  label: Slug,
  precision: Nullable(Metric),
  recall: Nullable(Metric),
  f1: Nullable(Metric),
  support: Count,
  precisionInterval: Type.Optional(Interval),
  recallInterval: Type.Optional(Interval),
  /** Area under the ROC curve of this grade's probability against all others; null without cases of both. */
  auc: Type.Optional(Nullable(Metric)),
  /** Area under the precision-recall curve. */
  averagePrecision: Type.Optional(Nullable(Metric)),
  /** Those curves in at most 51 points each; not there without cases of both, nor in versions from before they were kept. */
  curves: Type.Optional(
    Type.Object({
      /** [share of the others, share of the class] above a limit. */
      roc: Type.Array(Type.Tuple([Metric, Metric]), { maxItems: 64 }),
      /** [recall, precision]. */
      pr: Type.Array(Type.Tuple([Metric, Metric]), { maxItems: 64 }),
    }),
  ),
});

const GroupFigures = Type.Object({
  group: Type.String(),
  images: Count,
  accuracy: Metric,
  /** Cases by label, and the share of them that was found. */
  support: Type.Optional(Type.Array(Count)),
  recall: Type.Optional(Type.Array(Nullable(Metric))),
});

/** Mean cost of a case; `costs` are [truth][predicted]. */
export const ErrorCost = Type.Object({ perCase: Metric, costs: Type.Array(Type.Array(Metric)) });
export type ErrorCost = Static<typeof ErrorCost>;

/** Measured on groups that training never saw; of a calibrated version see `ModelCalibration.heldBack`. */
export const Evaluation = Type.Object({
  /** What one counted case is: a single image, or a fruit whose views were fused. */
  unit: Type.Union([Type.Literal('image'), Type.Literal('fruit')]),
  images: Count,
  groups: Count,
  accuracy: Metric,
  balancedAccuracy: Metric,
  macroF1: Metric,
  /** [truth][predicted], in the order of the model's labels. */
  confusion: Type.Array(Type.Array(Count)),
  perClass: Type.Array(ClassMetrics),
  /** Expected calibration error, 15 bins of equal width, after temperature scaling. */
  ece: Metric,
  /** The same before anything was fitted; for a version that was calibrated anew, by the calibration of the one before. */
  rawEce: Type.Optional(Metric),
  byGroup: Type.Array(GroupFigures),
  /** The same by what is known of images beside their group (`variety`, `session`, `station`, `lot`), where two values or more occur. */
  byKnown: Type.Optional(Type.Array(Type.Object({ by: Slug, groups: Type.Array(GroupFigures) }))),
  intervals: Type.Optional(
    Type.Object({ accuracy: Interval, balancedAccuracy: Interval, macroF1: Interval }),
  ),
  /** By label, between the groups that have at least 100 cases of it; null where fewer than two have. */
  recallGaps: Type.Optional(
    Type.Array(
      Type.Object({
        ...{ label: Slug, groups: Count, gap: Nullable(Metric), worst: Nullable(Type.String()) },
        /** Of what `groups` are the values, and `worst` is one: `variety`, `session`, `station` or `lot`; the groups themselves where it is left out. */
        by: Type.Optional(Slug),
      }),
    ),
  ),
  /** The cases that were most surely wrong, worst first. */
  worst: Type.Optional(
    Type.Array(
      Type.Object({
        /** Of the case's first image. */
        digest: Digest,
        /** Its path in the dataset; not there for versions from before it was kept. */
        source: Type.Optional(Type.String()),
        group: Type.String(),
        truth: Slug,
        graded: Slug,
        /** Of the truth. */
        probability: Metric,
      }),
      { maxItems: 24 },
    ),
  ),
});
export type Evaluation = Static<typeof Evaluation>;

export const DatasetView = Type.Object({
  name: Slug,
  digest: Digest,
  createdAt: Instant,
  source: Type.String(),
  labels: Type.Array(Slug),
  inputSize: Type.Integer({ minimum: 8 }),
  /** What was done to the colours of its crops, and is to whatever its models are shown; not there where nothing was. */
  standardise: Type.Optional(Standardise),
  images: Count,
  groups: Count,
  /** Images per group when every group is one fruit seen that many times; 1 where an image stands for itself. */
  viewsPerFruit: Type.Integer({ minimum: 1 }),
  byGrade: Type.Array(GradeCount),
  bySplit: Type.Array(Type.Object({ split: Type.String(), images: Count, groups: Count })),
  quarantined: Type.Array(QuarantinedImage),
  /** Photographs that a person took in spite of a limit. */
  accepted: Type.Optional(Type.Array(Type.Object({ path: Type.String(), ...Acceptance.properties }))),
  /** The limits that the photographs were held against, and the version of the project's settings that they are of. */
  verified: Type.Optional(Type.Object({ settings: Count, limits: ImageLimits })),
  leftOut: Type.Array(GradeCount),
  /** How much of the split is an earlier version's, in words; not there where none had any of the groups. */
  keptSplit: Type.Optional(Type.String()),
  /** What a person should know before trusting an accuracy on it; not there in versions from before it was kept. */
  notes: Type.Optional(Type.Array(Type.String())),
});
export type DatasetView = Static<typeof DatasetView>;

/** `POST /v1/datasets/:name/uploads`: a ZIP file of photographs, and what becomes of it. */
export const UploadView = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  name: Slug,
  /** As it was called where it came from. */
  file: Type.String(),
  by: Type.String(),
  at: Instant,
  bytes: Count,
  state: Type.Enum(['unpacking', 'verifying', 'done', 'failed']),
  /** Photographs looked at, of how many, and how many of them cannot be used. */
  done: Count,
  total: Count,
  quarantined: Count,
  /** When it is done, and they were sorted. */
  dataset: Nullable(DatasetView),
  /** When it is done, and they were not: photographs that are new, and that were known before. */
  waiting: Nullable(Type.Object({ added: Count, known: Count })),
  notes: Type.Array(Type.String()),
  /** When it failed. */
  problem: Nullable(Problem),
});
export type UploadView = Static<typeof UploadView>;

/** How a variant of 8 bits came about, measured against fp32 on validation images. */
export const QuantizationReport = Type.Object({
  /** The best way to take the ranges of all activations alike: `minmax`, `percentile` (99.99), `entropy` or `squared-error`. */
  ranges: Type.String({ maxLength: 20 }),
  /** All ways, each with the share of the same likeliest grade and the mean relative entropy of its probabilities. */
  tried: Type.Array(
    Type.Object({ ranges: Type.String({ maxLength: 20 }), agreement: Metric, divergence: Metric }),
    { maxItems: 8 },
  ),
  /** Signal to noise of every convolution's output; one of 32 bits was too noisy and stayed in floats. */
  layers: Type.Array(
    Type.Object({
      layer: Type.String({ maxLength: 40 }),
      signalToNoiseDb: Metric,
      bits: Type.Union([Type.Literal(8), Type.Literal(32)]),
      /** The way of this one, or `learned`; versions from before layers could differ have none. */
      ranges: Type.Optional(Type.String({ maxLength: 20 })),
      /** What its 8 bits reach over: output = (byte − `zeroPoint`) · `scale`. Not of one in floats, nor in versions from before it was kept. */
      output: Type.Optional(
        Type.Object({
          ...{ min: Type.Number(), max: Type.Number(), scale: Type.Number({ exclusiveMinimum: 0 }) },
          zeroPoint: Type.Integer({ minimum: 0, maximum: 255 }),
        }),
      ),
    }),
    { maxItems: 256 },
  ),
  /** What fine-tuning in 8 bits came to; left out where it was not needed, and by versions from before it was there. */
  fineTuned: Type.Optional(Type.Object({ agreement: Metric, divergence: Metric, isKept: Type.Boolean() })),
});
export type QuantizationReport = Static<typeof QuantizationReport>;

/** One runnable file of a model version, measured beside the others on the test split. */
export const VariantFigures = Type.Object({
  name: Slug,
  file: Type.String(),
  bytes: Count,
  accuracy: Metric,
  /** Share of single views whose likeliest grade is that of fp32. */
  agreement: Metric,
  ece: Metric,
  /** On one thread of the machine that trained. */
  msPerView: Metric,
  /** At most so much less accurate than fp32, on the same cases: the upper end of the 95 % interval by bootstrap. Not of fp32. */
  accuracyLossBound: Type.Optional(Metric),
  /** Of int8; versions from before it was kept have none. */
  quantization: Type.Optional(QuantizationReport),
});
export type VariantFigures = Static<typeof VariantFigures>;

/** Calibrated logits = `scale` · logits + `shift`, fitted to photographs of a dataset. */
export const ModelCalibration = Type.Object({
  scale: Type.Number({ exclusiveMinimum: 0 }),
  /** By label; the first is 0. */
  shift: Type.Array(Type.Number(), { maxItems: 16 }),
  dataset: Type.Object({ name: Slug, digest: Digest }),
  images: Count,
  groups: Count,
  /** What the evaluation was made on: a test split, or cross-fitted on other groups or other images than those calibrated on. */
  heldBack: Type.Union([Type.Literal('test'), Type.Literal('groups'), Type.Literal('images')]),
  /** How many of its images the network had learned from; null where that is not known, not there for versions from before it was counted. */
  seenImages: Type.Optional(Nullable(Count)),
  /** How many of those of them that the evaluation was made on; as `seenImages`. */
  seenJudged: Type.Optional(Nullable(Count)),
  /** The same cases by the version before. */
  before: Type.Object({ accuracy: Metric, balancedAccuracy: Metric, ece: Metric }),
});
export type ModelCalibration = Static<typeof ModelCalibration>;

export const ModelView = Type.Object({
  name: Slug,
  version: Type.Integer({ minimum: 1 }),
  digest: Digest,
  createdAt: Instant,
  labels: Type.Array(Slug),
  dataset: Type.Object({ name: Slug, digest: Digest }),
  /** Of its dataset: what is done to the colours of whatever it is shown; not there where nothing is. */
  standardise: Type.Optional(Standardise),
  network: Type.String(),
  parameters: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
  seed: Type.Integer(),
  codeRevision: Type.String(),
  releaseBytes: Count,
  evaluation: Evaluation,
  trainImagesPerSecond: Metric,
  /** Not there for versions that were made before models were quantized. */
  variants: Type.Optional(Type.Array(VariantFigures)),
  /** Largest difference of a probability between the trainer and the fp32 file, on the golden views. */
  exportDifference: Type.Optional(Metric),
  /** The learned numbers, from which a later training can go on. */
  weightsDigest: Type.Optional(Digest),
  /** By the project's costs when it was registered. */
  errorCost: Type.Optional(ErrorCost),
  /** What the logits are divided by; versions from before it was kept have none. */
  temperature: Type.Optional(Metric),
  /** Not there where the probabilities are as training left them. `dataset` stays what the network learnt from. */
  calibration: Type.Optional(ModelCalibration),
  /** What its stations grade by; not there where each keeps the recipe that it has. */
  recipe: Type.Optional(Recipe),
  /** What it was held against when it was registered; releases from before there were gates have none. */
  gates: Type.Optional(Type.Array(Gate)),
  /** Its run, with curves and environment; versions from before runs were kept have none. */
  trainingRun: Type.Optional(Type.Integer({ minimum: 1 })),
  /** The version whose weights this one went on from. */
  parent: Type.Optional(Type.Object({ name: Slug, version: Type.Integer({ minimum: 1 }) })),
  /** Its parent and the champion of when it was made, on its own test split; not there of those that take other crops or grades. */
  heldAgainst: Type.Optional(Type.Array(HeldAgainst)),
  /** Since then its files are gone and it cannot be run, only looked at. */
  filesRemovedAt: Type.Optional(Instant),
});
export type ModelView = Static<typeof ModelView>;

export const DesiredRequest = Type.Object({
  release: Nullable(Type.Object({ name: Slug, version: Type.Integer({ minimum: 1 }) })),
  recipe: Type.Optional(Recipe),
  /** Also where the station rolled the release back before. */
  retry: Type.Optional(Type.Boolean()),
  /** In spite of failed gates, with a reason. For admins; it is logged. */
  override: Type.Optional(Type.Boolean()),
  reason: Type.Optional(Type.String({ minLength: 3, maxLength: 500 })),
});
export type DesiredRequest = Static<typeof DesiredRequest>;

export const Overview = Type.Object({
  at: Instant,
  stations: Type.Array(StationView),
  fruits: Count,
  fruitsPerSecond: Metric,
  grades: Type.Array(GradeCount),
  rejectedMessages: Type.Array(
    Type.Object({
      station: Nullable(Type.String()),
      channel: Nullable(Type.String()),
      cause: Type.String(),
      count: Count,
    }),
  ),
  /** Fruits of the last five minutes by ten seconds, oldest first. */
  recent: Type.Array(Type.Object({ at: Instant, grades: Type.Array(GradeCount) })),
});
export type Overview = Static<typeof Overview>;

/** `GET /v1/events`, server-sent events: `event:` is `kind`, `data:` is the object. */
export const LiveEvent = Type.Union([
  Type.Object({
    kind: Type.Literal('fruits'),
    fruits: Type.Array(StoredFruit),
  }),
  Type.Object({ kind: Type.Literal('station'), station: StationView }),
  Type.Object({ kind: Type.Literal('alert'), alert: AlertView }),
]);
export type LiveEvent = Static<typeof LiveEvent>;
