/**
 * A candidate that runs silently beside what a station grades with. It decides nothing: it looks at the views of fruit that was
 * decided, as far as there is time, and what it would have said is counted.
 *
 * An agent from before knows nothing of it: it passes over the order, goes on with its release, and says nothing of a shadow in
 * `reported`, by which the control plane knows.
 */
import { type Static, Type } from '@pomona/schema';
import { envelope, ReleaseRef } from './envelope.ts';
import { Instant, Slug } from './ids.ts';
import { Nullable } from './nullable.ts';
import { Recipe } from './recipe.ts';

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const RolloutId = Type.Integer({ minimum: 1 });

/** In `desired`, beside the release that grades. It ends with a desired state that does not name it. */
export const ShadowOrder = Type.Object({
  /** The rollout that wants to know. */
  rollout: RolloutId,
  release: ReleaseRef,
  /** That would make its grades, were it the one that decides. */
  recipe: Recipe,
  /** Of fruit on which the two disagree, so many are sent for labelling. */
  samplesPerDayMax: Type.Integer({ minimum: 0, maximum: 10_000 }),
});
export type ShadowOrder = Static<typeof ShadowOrder>;

/** `waiting` for an update under way to end; `preparing`: it is fetched, verified and tested. */
export const shadowStates = ['waiting', 'preparing', 'running', 'failed'] as const;

/** In `reported`. */
export const ShadowReport = Type.Object({
  rollout: RolloutId,
  release: ReleaseRef,
  state: Type.Enum([...shadowStates]),
  /** Of a failure, or why it is tried again. */
  reason: Nullable(Type.String({ maxLength: 500 })),
});
export type ShadowReport = Static<typeof ShadowReport>;

/** Fruit that both graded, by the same views; counts add up over boots and stations. */
export const ShadowFigures = Type.Object({
  fruits: Count,
  /** Fruit for which there was no time. */
  skipped: Count,
  /** That the candidate looked at. */
  views: Count,
  /** How many fruits got which grade of each; one that no fruit got is left out. */
  pairs: Type.Array(Type.Object({ champion: Slug, candidate: Slug, count: Count }), { maxItems: 1_024 }),
  /** The fastest of some runs on the same views, in turns in one thread; null before there were any. */
  msPerView: Nullable(
    Type.Object({
      champion: Type.Number({ minimum: 0 }),
      candidate: Type.Number({ minimum: 0 }),
    }),
  ),
});
export type ShadowFigures = Static<typeof ShadowFigures>;

/**
 * All of a boot so far for one rollout: the newest message of a boot says what those before it said, so that one which is lost
 * takes nothing with it.
 */
export const ShadowMessage = Type.Object({
  ...envelope,
  rollout: RolloutId,
  champion: ReleaseRef,
  candidate: ReleaseRef,
  /** When the first fruit was compared. */
  since: Instant,
  ...ShadowFigures.properties,
});
export type ShadowMessage = Static<typeof ShadowMessage>;
