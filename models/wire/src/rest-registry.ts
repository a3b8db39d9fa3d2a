import { type Static, Type } from '@pomona/schema';
import { ReleaseRef } from './envelope.ts';
import { Instant, Slug } from './ids.ts';
import { Nullable } from './nullable.ts';
import { ImageLimits } from './rest-datasets.ts';
import { ShadowPlan } from './rest-rollout.ts';

const Share = Type.Number({ minimum: 0, maximum: 1 });
const Version = Type.Integer({ minimum: 1 });

/** A named rule that a model version was held against, with its figure. Kept with the model. */
export const Gate = Type.Object({
  name: Type.String(),
  figure: Nullable(Type.Number()),
  limit: Nullable(Type.Number()),
  comparison: Type.Union([Type.Literal('>='), Type.Literal('<=')]),
  verdict: Type.Union([Type.Literal('passed'), Type.Literal('failed'), Type.Literal('insufficient-data')]),
  detail: Type.String(),
});
export type Gate = Static<typeof Gate>;

export const ModelAlias = Type.Object({ alias: Slug, version: Version, at: Instant, actor: Type.String() });
export type ModelAlias = Static<typeof ModelAlias>;

export const AliasRequest = Type.Object(
  {
    version: Version,
    reason: Type.String({ minLength: 3, maxLength: 500 }),
    /** Promotes in spite of failed gates. For admins; it is logged. */
    override: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type AliasRequest = Static<typeof AliasRequest>;

/** Who did what to a model, and why. Only ever added to. */
export const ModelLogEntry = Type.Object({
  at: Instant,
  name: Slug,
  actor: Type.String(),
  action: Type.String(),
  reason: Type.String(),
  detail: Type.String(),
});
export type ModelLogEntry = Static<typeof ModelLogEntry>;

/** As many as a frame of a lane or two shows. */
export const viewsPerFrame = 8;

/** What this project wants of a model. Shares from 0 to 1. */
export const ProjectTargets = Type.Object(
  {
    problem: Type.String({ maxLength: 2_000 }),
    minMacroF1: Share,
    /** Floor of the recall of every grade that has none of its own. */
    minRecall: Share,
    recallFloors: Type.Record(Type.String(), Share),
    /** Of the fruit that is truly of the worst grade, the share graded as the best. */
    maxBadAsGood: Share,
    /** What it costs to grade fruit of one grade as another, by true grade; steps between the grades unless set. */
    costs: Type.Optional(
      Type.Record(Type.String(), Type.Record(Type.String(), Type.Number({ minimum: 0, maximum: 1_000 }))),
    ),
    /** A gate on the mean cost of a case; none unless set. */
    maxErrorCost: Type.Optional(Type.Number({ minimum: 0 })),
    /** That a board may take to grade a frame of eight views, */
    maxLatencyMs: Type.Number({ exclusiveMinimum: 0 }),
    /** where it is so many times slower than the machine that trains; 10 unless set. */
    boardSlowdown: Type.Optional(Type.Number({ minimum: 0.1, maximum: 1_000 })),
    maxReleaseBytes: Type.Integer({ minimum: 1 }),
    /** So many fruits of a model labelled since its last retraining make one worth proposing; 60 unless set. */
    minRetrainLabels: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    /** A proposed retraining begins by itself, and is rolled out when it passes its gates; not unless set. */
    autoApproveRetraining: Type.Optional(Type.Boolean()),
    /** Rollouts of retrainings begin with this shadow phase; without one unless set. What it leaves out is as in `defaultShadowPlan`. */
    retrainShadow: Type.Optional(Type.Partial(ShadowPlan, { additionalProperties: false })),
    /** `model prune` keeps so many newest versions of each model; 10 unless set, */
    keepVersions: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    /** and all that are not so many days old; 90 unless set. */
    keepVersionDays: Type.Optional(Type.Number({ minimum: 0, maximum: 36_500 })),
    /** What a photograph must be like; each limit has its default. */
    imageLimits: Type.Optional(ImageLimits),
  },
  { additionalProperties: false },
);
export type ProjectTargets = Static<typeof ProjectTargets>;

export const ProjectView = Type.Object({
  version: Type.Integer({ minimum: 0 }),
  at: Nullable(Instant),
  actor: Nullable(Type.String()),
  /** Why, where somebody said so. */
  reason: Type.Optional(Type.String()),
  targets: ProjectTargets,
});
export type ProjectView = Static<typeof ProjectView>;

/** `GET /v1/stations/:station/history`: what the station was told to run, from `at` until the next change. */
export const DesiredChange = Type.Object({
  at: Instant,
  counter: Type.Integer({ minimum: 0 }),
  release: Nullable(ReleaseRef),
  actor: Type.String(),
  reason: Type.String(),
});
export type DesiredChange = Static<typeof DesiredChange>;

/** `GET /v1/running`: what ran at a station at an instant, as the station reported it. */
export const StationRun = Type.Object({
  site: Slug,
  line: Slug,
  station: Slug,
  /** Null where it had stopped to run any. */
  release: Nullable(ReleaseRef),
  variant: Nullable(Slug),
  from: Instant,
  /** Null while it still runs. */
  until: Nullable(Instant),
  /** When the control plane heard of it. */
  reportedAt: Instant,
});
export type StationRun = Static<typeof StationRun>;

/** A figure of two versions; `difference` is the second less the first. */
export const ComparedFigure = Type.Object({
  name: Type.String(),
  /** A cost is in what the project's costs are in, on the mean of a case. */
  unit: Type.Union([
    Type.Literal('share'),
    Type.Literal('ms'),
    Type.Literal('bytes'),
    Type.Literal('count'),
    Type.Literal('cost'),
  ]),
  a: Nullable(Type.Number()),
  b: Nullable(Type.Number()),
  difference: Nullable(Type.Number()),
  better: Nullable(Type.Union([Type.Literal('a'), Type.Literal('b'), Type.Literal('same')])),
});
export type ComparedFigure = Static<typeof ComparedFigure>;

export const ComparedSetting = Type.Object({
  name: Type.String(),
  a: Nullable(Type.String()),
  b: Nullable(Type.String()),
});
export type ComparedSetting = Static<typeof ComparedSetting>;

/** `GET` and `POST /v1/models/prune`: what becomes of each version by the project's rule, and what that frees. */
export const PruneReport = Type.Object({
  /** False where it only says what it would do. */
  done: Type.Boolean(),
  rule: Type.Object({ keepVersions: Type.Integer(), keepVersionDays: Type.Number() }),
  versions: Type.Array(
    Type.Object({
      name: Slug,
      version: Version,
      /** `drop-files` keeps the record. */
      verdict: Type.Union([Type.Literal('keep'), Type.Literal('drop-files'), Type.Literal('remove')]),
      why: Type.Array(Type.String()),
    }),
  ),
  /** Files that no version needs any more. */
  freedFiles: Type.Integer({ minimum: 0 }),
  freedBytes: Type.Integer({ minimum: 0 }),
});
export type PruneReport = Static<typeof PruneReport>;

export const PruneRequest = Type.Object(
  { reason: Type.String({ minLength: 3, maxLength: 500 }) },
  { additionalProperties: false },
);
export type PruneRequest = Static<typeof PruneRequest>;

const VersionRef = Type.Object({ name: Slug, version: Version });

/** `GET /v1/models/compare`: two versions side by side. */
export const ModelComparison = Type.Object({
  a: VersionRef,
  b: VersionRef,
  figures: Type.Array(ComparedFigure),
  /** What differs between how they were made. */
  settings: Type.Array(ComparedSetting),
  notes: Type.Array(Type.String()),
});
export type ModelComparison = Static<typeof ModelComparison>;
