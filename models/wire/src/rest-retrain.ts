import { type Static, Type } from '@pomona/schema';
import { GivenInstant } from './given-instant.ts';
import { Digest, Instant, Slug } from './ids.ts';
import { Nullable } from './nullable.ts';
import { sampleReasons } from './payloads.ts';
import { RolloutPlan, ShadowPlan, StationQuery } from './rest-rollout.ts';

const Id = Type.Integer({ minimum: 1 });

/** Where a retrained version goes when it passes its gates. */
export const RetrainRollout = Type.Object(
  {
    /** The stations that run the version that is retrained, unless given. */
    query: Type.Optional(StationQuery),
    /**
     * What it leaves out is as in `defaultRolloutPlan`, but for `shadow`, which is as in the project's `retrainShadow`; null is none,
     * whatever the project says.
     */
    plan: Type.Optional(
      Type.Partial(
        Type.Object({
          ...RolloutPlan.properties,
          shadow: Nullable(Type.Partial(ShadowPlan, { additionalProperties: false })),
        }),
      ),
    ),
  },
  { additionalProperties: false },
);
export type RetrainRollout = Static<typeof RetrainRollout>;

/** `POST /v1/retrain`. */
export const RetrainRequest = Type.Object(
  {
    /** `apples` unless named. */
    model: Type.Optional(Slug),
    /** What the labelled fruit is added to; the dataset of the model's champion unless named. */
    base: Type.Optional(Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}(@[0-9a-f]{4,64})?$' })),
    /** Only fruit that was sampled for this. */
    reason: Type.Optional(Type.Enum([...sampleReasons])),
    /** The labels that held at this instant, which must not be to come; now unless given. */
    labelsAt: Type.Optional(GivenInstant),
    epochs: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 })),
    /** Nothing is rolled out without it. */
    rollout: Type.Optional(RetrainRollout),
  },
  { additionalProperties: false },
);
export type RetrainRequest = Static<typeof RetrainRequest>;

/** The `result` of a job that retrained. */
export const RetrainResult = Type.Object({
  name: Slug,
  version: Id,
  digest: Digest,
  failedGates: Type.Array(Type.String()),
  /** Shares of the test split, of old fruit and of labelled fruit; null where none of it was in the test split. */
  accuracy: Type.Object({ base: Nullable(Type.Number()), samples: Nullable(Type.Number()) }),
  /** Its number; null when none was started, and `notRolledOut` says why. */
  rollout: Nullable(Id),
  notRolledOut: Nullable(Type.String()),
});
export type RetrainResult = Static<typeof RetrainResult>;

export const proposalStates = ['proposed', 'approved', 'declined', 'done'] as const;

/** A retraining that a rule asks for after a `drift-model` alert, and a person decides about. */
export const RetrainProposal = Type.Object({
  id: Id,
  at: Instant,
  why: Type.String(),
  /** Number of the alert that it answers. */
  alert: Id,
  model: Slug,
  state: Type.Enum([...proposalStates]),
  decidedAt: Nullable(Instant),
  /** Who decided. */
  actor: Nullable(Type.String()),
  /** Why it was declined, or why it is proposed once more. */
  reason: Nullable(Type.String()),
  /** The retraining that came of it. */
  job: Nullable(Id),
});
export type RetrainProposal = Static<typeof RetrainProposal>;

export const DeclineRequest = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 500 }) });
