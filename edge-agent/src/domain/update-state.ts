/** What an agent remembers of its update on disk, and how much of it the control plane is told. */

import { type Static, Type } from '@pomona/schema';
import { Desired, Digest, Instant, Nullable, Recipe, ReleaseRef, type Reported, Slug } from '@pomona/wire';

const Count = Type.Integer({ minimum: 0 });
/** `why`: of the choice of variant; not there in what was written before there was one. */
const choice = { variant: Slug, why: Type.Optional(Type.String()) };

/** Of the two slots. */
const SlotName = Type.Union([Type.Literal('a'), Type.Literal('b')]);
type SlotName = Static<typeof SlotName>;

/**
 * `slot` is there once a journal was loaded (`withSlots`). `unproven`: it has not stood its probation, and never becomes
 * the release to go back to.
 */
export const Running = Type.Object({
  release: ReleaseRef,
  ...choice,
  recipe: Recipe,
  since: Instant,
  slot: Type.Optional(SlotName),
  unproven: Type.Optional(Type.Literal(true)),
});
export type Running = Static<typeof Running>;

/**
 * `tries`: how often it was begun again for the same desired state. `reusedBytes`: of those that are there, copied from other
 * releases on this device since the agent started; not there before it looked.
 */
const target = {
  release: ReleaseRef,
  tries: Count,
  fetchedBytes: Count,
  reusedBytes: Type.Optional(Count),
  totalBytes: Count,
};
const working = <S extends string>(state: S) => Type.Object({ state: Type.Literal(state), ...target });

export const Update = Type.Union([
  Type.Object({ state: Type.Literal('idle') }),
  working('planned'),
  working('fetching'),
  working('verifying'),
  working('staged'),
  working('self-test'),
  /**
   * `starts`: how often it was tried to run, over restarts of the agent. `soak` is there from the moment in which the
   * line runs it: proven at `until`, or before with so many fruits. `verdict` is there once it has to go back.
   */
  Type.Object({
    state: Type.Literal('probation'),
    ...target,
    ...choice,
    starts: Count,
    soak: Type.Optional(Type.Object({ until: Instant, fruits: Count })),
    verdict: Type.Optional(Type.Object({ reason: Type.String(), refuse: Type.Boolean() })),
  }),
  working('active'),
  /** `retry`: it will be tried again by itself. Otherwise not before another desired state names it. */
  Type.Object({ state: Type.Literal('failed'), ...target, reason: Type.String(), retry: Type.Boolean() }),
  Type.Object({ state: Type.Literal('rolled-back'), ...target, reason: Type.String() }),
]);
export type Update = Static<typeof Update>;
export type TargetedUpdate = Exclude<Update, { state: 'idle' }>;

const Refused = Type.Object({ digest: Digest, reason: Type.String() });

export const UpdateState = Type.Object({
  /** The newest that was accepted; its counter only grows. */
  desired: Nullable(Desired),
  running: Nullable(Running),
  /** What ran before, and stood its probation. */
  previous: Nullable(Running),
  update: Update,
  /** What was rolled back here; only a desired state that says `retry` lifts it. */
  refused: Type.Optional(Type.Array(Refused)),
});
export type UpdateState = Static<typeof UpdateState>;

export const emptyUpdateState: UpdateState = {
  desired: null,
  running: null,
  previous: null,
  update: { state: 'idle' },
};

const reasonLengthMax = 500;

export function reportedOf(state: UpdateState): Omit<Reported, 'v' | 'boot' | 'seq' | 'at'> {
  const { desired, running, update, refused = [] } = state;
  const idle = { release: null, fetchedBytes: 0, totalBytes: 0 };
  const { release, fetchedBytes, totalBytes } = update.state === 'idle' ? idle : update;
  const reused = update.state === 'idle' ? {} : reusedOf(update);
  const retry = update.state === 'failed' ? { retry: update.retry } : {};
  return {
    desiredCounter: desired?.counter ?? 0,
    update: {
      state: update.state,
      release,
      fetchedBytes,
      ...reused,
      totalBytes,
      reason: reasonOf(update),
      ...retry,
    },
    running: running && {
      release: running.release,
      variant: running.variant,
      since: running.since,
      ...(running.why === undefined ? {} : { why: running.why }),
    },
    recipeVersion: running?.recipe.version ?? null,
    slots: [slotOf('a', state), slotOf('b', state)],
    refused: refused.map(({ digest }) => digest),
    probation: (update.state === 'probation' && update.soak) || null,
  };
}

export function reusedOf({ reusedBytes }: Pick<TargetedUpdate, 'reusedBytes'>) {
  return reusedBytes === undefined ? {} : { reusedBytes };
}

function reasonOf(update: Update): string | null {
  const reason = update.state === 'probation' ? update.verdict?.reason : 'reason' in update && update.reason;
  return reason ? reason.slice(0, reasonLengthMax) : null;
}

function slotOf(name: SlotName, { running, previous }: UpdateState): NonNullable<Reported['slots']>[number] {
  if (running?.slot === name) return { name, release: running.release, state: 'running' };
  if (previous?.slot === name) return { name, release: previous.release, state: 'previous' };
  return { name, release: null, state: 'empty' };
}

/** The slot that does not hold `kept`: where the next release runs. */
export function otherSlot(kept: Running | null): SlotName {
  return kept?.slot === 'a' ? 'b' : 'a';
}

/** A journal from before there were slots named none. */
export function withSlots(state: UpdateState): UpdateState {
  const { running, previous } = state;
  return {
    ...state,
    running: running && { slot: 'a', ...running },
    previous: previous && { slot: 'b', ...previous },
  };
}
