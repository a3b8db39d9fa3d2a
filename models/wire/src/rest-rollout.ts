import { type Static, Type } from '@pomona/schema';
import { Digest, Instant, Slug } from './ids.ts';
import { Nullable } from './nullable.ts';
import { ShadowFigures } from './shadow.ts';

const Count = Type.Integer({ minimum: 0 });
const Share = Type.Number({ minimum: 0, maximum: 1 });
const Seconds = Type.Number({ minimum: 0, maximum: 30 * 86_400 });
const Patterns = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { minItems: 1, maxItems: 1_000 });

/** A station is selected when each given attribute matches one of its patterns, in which `*` is any text. */
export const StationQuery = Type.Object(
  {
    site: Type.Optional(Patterns),
    line: Type.Optional(Patterns),
    station: Type.Optional(Patterns),
    board: Type.Optional(Patterns),
    /** What runs there now, as `name@version`. */
    release: Type.Optional(Patterns),
  },
  { additionalProperties: false },
);
export type StationQuery = Static<typeof StationQuery>;

/**
 * A station with the release is compared with itself before it and, in lateness, with the stations of the rollout that do
 * not have it yet. A limit is broad: it is to stop a disaster.
 */
export const HealthGate = Type.Object({
  /** Shares are judged after so many fruits; at most the newest 1,000 are looked at for lateness. */
  fruitsMin: Type.Integer({ minimum: 1 }),
  /** The share of missed deadlines may grow by so much. */
  missedShareMore: Share,
  /**
   * How much of the time up to its gate's last moment a fruit's decision takes (95th percentile) may grow to so many times
   * what it was, and to half in any case.
   */
  latencyFactor: Type.Number({ minimum: 1 }),
  /** A grade's share may move by so much. */
  gradeShareMove: Share,
  /** A line that was grading must have graded something after so long. */
  silentS: Seconds,
});
export type HealthGate = Static<typeof HealthGate>;

/**
 * Before the canary, some stations run the candidate silently beside what they grade with. A limit that it is beyond at one of
 * them stops the rollout before it has decided about any fruit.
 */
export const ShadowPlan = Type.Object(
  {
    /** A number of stations from 1, a share of the selection below 1; 0 is those of the first wave. */
    stations: Type.Number({ minimum: 0 }),
    /** Each must have compared so many fruits. */
    fruitsMin: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    /** And the phase must have lasted so long. */
    forS: Seconds,
    /** After so long it ends with the stations that compared enough, and stops without one. */
    withinS: Seconds,
    /** This share of the fruit must get the grade that it has. */
    agreementMin: Share,
    /** A grade's share may be apart by so much. */
    gradeShareApart: Share,
    /** A view may take it so many times as long. */
    slowerMax: Type.Number({ minimum: 1 }),
    /** Of fruit on which the two disagree, each station sends so many for labelling. */
    samplesPerDayMax: Type.Integer({ minimum: 0, maximum: 10_000 }),
  },
  { additionalProperties: false },
);
export type ShadowPlan = Static<typeof ShadowPlan>;

export const defaultShadowPlan: ShadowPlan = {
  stations: 0,
  fruitsMin: 500,
  forS: 3_600,
  withinS: 86_400,
  agreementMin: 0.85,
  gradeShareApart: 0.15,
  slowerMax: 2,
  samplesPerDayMax: 50,
};

export const RolloutPlan = Type.Object({
  /** Without it the canary comes first. */
  shadow: Type.Optional(ShadowPlan),
  /** Stations of the first wave: a number of them from 1, a share of the selection below 1; 0 is no canary. */
  canary: Type.Number({ minimum: 0 }),
  /** The waves after the canary: `base` stations, then `factor` times as many each time, at most `max`. */
  waves: Type.Object({
    base: Type.Integer({ minimum: 1 }),
    factor: Type.Number({ minimum: 1, maximum: 100 }),
    max: Type.Integer({ minimum: 1 }),
  }),
  /** How long a wave is watched after its last station has an outcome. */
  soakS: Seconds,
  /** A wave needs so many successes, or all of its stations where they are fewer. */
  successesMin: Count,
  /** A wave needs this share of successes among its stations that were not deferred. */
  successShare: Share,
  /** More failures than this stop the rollout: a number from 1, a share of the selection below 1. */
  failuresMax: Type.Number({ minimum: 0 }),
  stationTimeoutS: Seconds,
  /** A station that took the release and is away for so long is lost. */
  lostS: Seconds,
  /** How long stations that are offline are waited for. */
  deferS: Seconds,
  onFailure: Type.Union([Type.Literal('pause'), Type.Literal('rollback')]),
  sendsPerMinute: Type.Integer({ minimum: 1, maximum: 60_000 }),
  health: Nullable(HealthGate),
});
export type RolloutPlan = Static<typeof RolloutPlan>;

export const defaultRolloutPlan: RolloutPlan = {
  canary: 1,
  waves: { base: 10, factor: 3, max: 500 },
  soakS: 0,
  successesMin: 1,
  successShare: 0.9,
  failuresMax: 0.05,
  stationTimeoutS: 600,
  lostS: 120,
  deferS: 86_400,
  onFailure: 'pause',
  sendsPerMinute: 2_000,
  health: { fruitsMin: 200, missedShareMore: 0.02, latencyFactor: 2, gradeShareMove: 0.3, silentS: 120 },
};

/** `quiet` waits for the quiet hours of its site to end. */
export const stationOutcomes = [
  'waiting',
  'deferred',
  'quiet',
  'sent',
  'updating',
  'succeeded',
  'failed',
  'rejected',
  'timed-out',
  'lost',
] as const;
export type StationOutcome = (typeof stationOutcomes)[number];

export const rolloutStatuses = [
  'running',
  'paused',
  'rolling-back',
  'rolled-back',
  'done',
  'cancelled',
] as const;
export type RolloutStatus = (typeof rolloutStatuses)[number];

const Reason = Type.String({ minLength: 1, maxLength: 500 });
const ReleaseName = Type.Object({ name: Slug, version: Type.Integer({ minimum: 1 }) });

/** `POST /v1/rollouts`. What the plan leaves out is as in `defaultRolloutPlan`, what its shadow leaves out as in `defaultShadowPlan`. */
export const RolloutRequest = Type.Object({
  release: ReleaseName,
  query: StationQuery,
  plan: Type.Optional(
    Type.Partial(
      Type.Object({
        ...RolloutPlan.properties,
        shadow: Type.Partial(ShadowPlan, { additionalProperties: false }),
      }),
    ),
  ),
  /** In the quiet hours of a site too. */
  now: Type.Optional(Type.Boolean()),
  /** In spite of failed gates. For admins; it is logged with the reason. */
  override: Type.Optional(Type.Boolean()),
  reason: Reason,
});
export type RolloutRequest = Static<typeof RolloutRequest>;

export const RolloutActionName = Type.Union([
  Type.Literal('pause'),
  Type.Literal('resume'),
  Type.Literal('cancel'),
  Type.Literal('rollback'),
  /** Goes on in quiet hours too, from here on. */
  Type.Literal('now'),
]);
export type RolloutActionName = Static<typeof RolloutActionName>;

export const RolloutActionRequest = Type.Object({ reason: Reason });
export type RolloutActionRequest = Static<typeof RolloutActionRequest>;

/** The query of `POST /v1/rollouts/preview`. */
export const RolloutPreviewOf = Type.Object(
  { release: Type.Optional(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}@[1-9][0-9]{0,8}$' })) },
  { additionalProperties: false },
);

export const RolloutPreview = Type.Object({
  stations: Type.Array(Slug),
  /** What keeps the release that was asked about from these stations, in words; an admin may override what gates say, and nothing else. */
  stopped: Type.Optional(Type.Object({ why: Type.String(), byGates: Type.Boolean() })),
});
export type RolloutPreview = Static<typeof RolloutPreview>;

/** `declined`: the station cannot, which says nothing of the candidate; `failed`: the candidate cannot. */
export const shadowStandings = ['waiting', 'sent', 'preparing', 'running', 'declined', 'failed'] as const;
export type ShadowStandingName = (typeof shadowStandings)[number];

/** All of the phase's stations together. */
export const ShadowSummary = Type.Object({
  beganAt: Instant,
  /** Null while it goes on. */
  endedAt: Nullable(Instant),
  stations: Count,
  /** Of them, those that have compared enough. */
  ready: Count,
  fruits: Count,
  /** Share of those fruits that both gave the same grade. */
  agreement: Nullable(Share),
});
export type ShadowSummary = Static<typeof ShadowSummary>;

const OutcomeCounts = Type.Array(Type.Object({ outcome: Type.Enum([...stationOutcomes]), count: Count }));

export const RolloutView = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  release: Type.Object({ name: Slug, version: Type.Integer({ minimum: 1 }), digest: Digest }),
  query: StationQuery,
  plan: RolloutPlan,
  reason: Type.String(),
  actor: Type.String(),
  createdAt: Instant,
  status: Type.Enum([...rolloutStatuses]),
  /** Why it is paused, was cancelled or goes back. */
  why: Nullable(Type.String()),
  /** It does not keep to quiet hours. */
  now: Type.Boolean(),
  /** Of the waves, which one is under way; from 0. */
  wave: Count,
  stations: Count,
  outcomes: OutcomeCounts,
  waves: Type.Array(Type.Object({ stations: Count, outcomes: OutcomeCounts })),
  /** Null for a plan without one. */
  shadow: Nullable(ShadowSummary),
});
export type RolloutView = Static<typeof RolloutView>;

export const RolloutDetail = Type.Object({
  ...RolloutView.properties,
  members: Type.Array(
    Type.Object({
      station: Slug,
      wave: Count,
      outcome: Type.Enum([...stationOutcomes]),
      reason: Nullable(Type.String()),
      previous: Nullable(ReleaseName),
      sentAt: Nullable(Instant),
      settledAt: Nullable(Instant),
      restored: Type.Boolean(),
      /** Null where it is not of the phase. */
      shadow: Nullable(
        Type.Object({
          state: Type.Enum([...shadowStandings]),
          reason: Nullable(Type.String()),
          agreement: Nullable(Share),
          figures: Nullable(ShadowFigures),
        }),
      ),
    }),
  ),
  /** Oldest first. */
  events: Type.Array(
    Type.Object({ at: Instant, kind: Type.String(), actor: Type.String(), reason: Type.String() }),
  ),
});
export type RolloutDetail = Static<typeof RolloutDetail>;
